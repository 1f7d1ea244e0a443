/** Error codes: models: reading and making. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const modelMakingErrors = {
  'checkpoint-missing': {
    meaning: 'there is no `model.safetensors`',
    remedy: 'give a Hugging Face checkpoint of CLIP',
  },
  'checkpoint-not-clip': { meaning: 'the checkpoint is of another kind', remedy: 'give one of CLIP' },
  'checkpoint-config': {
    meaning: 'its configuration is incomplete or does not fit',
    remedy: 'take `config.json` from the same place as the weights',
  },
  'checkpoint-unsupported': {
    meaning: 'it is CLIP in a form that is not supported',
    remedy: 'take a checkpoint in the format of the original CLIP',
  },
  'checkpoint-shape': {
    meaning: 'a tensor has another shape than the configuration says, or there are more layers',
    remedy: 'as above',
  },
  'checkpoint-tensor-missing': { meaning: 'a tensor that CLIP needs is missing', remedy: 'take the whole checkpoint' },
  'safetensors-invalid': { meaning: 'the weights file is damaged', remedy: 'fetch it again' },
  'safetensors-truncated': { meaning: 'the weights file is cut off', remedy: 'fetch it again' },
  'safetensors-dtype': { meaning: 'a number format that is not supported', remedy: 'use the unquantized checkpoint' },
  'tokenizer-missing': { meaning: '`vocab.json` or `merges.txt` are missing', remedy: 'take them from the checkpoint' },
  'tokenizer-invalid': { meaning: 'they are damaged or of another tokenizer', remedy: 'as above' },
  'calibration-invalid': { meaning: '`calibration.json` is not `{centre, width}`', remedy: 'correct or remove it' },
  'json-invalid': { meaning: 'a file that should be JSON is not', remedy: 'fetch or write it again' },
  'file-unreadable': { meaning: 'a file cannot be read', remedy: 'check path and permission' },
  'file-truncated': { meaning: 'a file is shorter than it says', remedy: 'fetch or make it again' },
  'onnx-invalid': {
    meaning: 'the ONNX file is damaged, or names data outside its folder',
    remedy: 'fetch or make it again',
  },
  'onnx-unsupported': { meaning: 'it uses something that is not supported', remedy: 'export it without' },
  'onnx-tower-missing': {
    meaning: 'one of the two towers is missing',
    remedy: 'both are needed, each in its own file',
  },
  'onnx-tower-interface': {
    meaning: 'inputs or outputs are not those of a CLIP tower',
    remedy: 'take the fp32 export with the towers apart',
  },
  'tensor-dtype': { meaning: 'a tensor has another number format than needed', remedy: 'use the fp32 export' },
  'session-failed': {
    meaning: 'onnxruntime cannot open a graph that was made',
    remedy: 'please report it, with the message',
  },
  'recipe-unreadable': { meaning: 'a recipe file cannot be read', remedy: 'check the path' },
  'recipe-invalid': { meaning: 'a recipe has mistakes, or a rule that fits no layer', remedy: 'fix the listed lines' },
  'unknown-variant': {
    meaning: 'no such kind of variant',
    remedy: 'fp32, fp16, int8, int4, pruned-30, slim-50, joined by `+`',
  },
  'slim-unsupported': {
    meaning: 'the graph has none of the parts that slim removes',
    remedy: 'export from the checkpoint, or leave slim out',
  },
  'variant-refused': {
    meaning: 'the variant changes decisions too much',
    remedy: 'choose another, or `watchword optimize --force`',
  },
  'output-other-model': { meaning: 'another model lives in the output folder', remedy: 'choose an empty one' },
} as const satisfies ErrorTable
