/** The error codes of one section, models: reading and making. `npm run schema` writes them to docs/errors.md. */

import type { ErrorTable } from './errorTable.ts'

export const modelMakingErrors = {
  'checkpoint-missing': {
    meaning: 'the folder has no weights in safetensors',
    remedy: 'pass the folder of a checkpoint with `model.safetensors` or `open_clip_model.safetensors`',
  },
  'checkpoint-not-clip': {
    meaning: 'the checkpoint is neither CLIP nor SigLIP',
    remedy: 'pass a checkpoint in one of the layouts in docs/models.md',
  },
  'checkpoint-config': {
    meaning: 'the configuration is incomplete, or does not fit the vocabulary or the weights',
    remedy: 'take all files from the same place as the weights',
  },
  'checkpoint-unsupported': {
    meaning: 'the checkpoint has a part that cannot be exported: another tower, activation, pooling or tokenizer',
    remedy: 'use a checkpoint in one of the layouts in docs/models.md',
  },
  'checkpoint-shape': {
    meaning:
      'a tensor has another shape than the configuration says, there are more layers, or the weights are of another family',
    remedy: 'take the configuration from the same place as the weights',
  },
  'checkpoint-tensor-missing': {
    meaning: 'a tensor that the model needs is missing',
    remedy: 'use the complete checkpoint',
  },
  'safetensors-invalid': { meaning: 'the weights file is damaged', remedy: 'download it again' },
  'safetensors-truncated': { meaning: 'the weights file is truncated', remedy: 'download it again' },
  'safetensors-dtype': {
    meaning: 'the weights have a number format that is not supported',
    remedy: 'use the unquantized checkpoint',
  },
  'tokenizer-missing': {
    meaning: 'the tokenizer is missing: `vocab.json` and `merges.txt`, `spiece.model` or `tokenizer.json`',
    remedy: 'copy its files from the checkpoint',
  },
  'tokenizer-invalid': {
    meaning: 'a file of the tokenizer is damaged, or belongs to a kind of tokenizer that CLIP and SigLIP do not have',
    remedy: 'copy the files from the checkpoint',
  },
  'calibration-invalid': {
    meaning: '`calibration.json` is not `{centre, width}`',
    remedy: 'correct or remove the file',
  },
  'json-invalid': { meaning: 'a file is not valid JSON', remedy: 'download or write it again' },
  'file-unreadable': { meaning: 'a file cannot be read', remedy: 'check the path and the permission' },
  'file-truncated': { meaning: 'a file is shorter than its header says', remedy: 'download or make it again' },
  'onnx-invalid': {
    meaning: 'the ONNX file is damaged, or names data outside its folder',
    remedy: 'download or make it again',
  },
  'onnx-unsupported': {
    meaning: 'the ONNX file uses a feature that is not supported',
    remedy: 'export the model without it',
  },
  'onnx-tower-missing': {
    meaning: 'the image tower or the text tower is missing',
    remedy: 'provide both towers, each in its own file',
  },
  'onnx-tower-interface': {
    meaning: 'the inputs or outputs of a file are not those of a CLIP tower',
    remedy: 'use the fp32 export with separate towers',
  },
  'tensor-dtype': { meaning: 'a tensor has the wrong number format', remedy: 'use the fp32 export' },
  'session-failed': {
    meaning: 'onnxruntime cannot open a graph that Watchword made',
    remedy: 'please report the error with its message',
  },
  'recipe-unreadable': { meaning: 'a recipe file cannot be read', remedy: 'check the path' },
  'recipe-invalid': {
    meaning: 'a recipe has mistakes, or a rule that matches no layer',
    remedy: 'fix the listed lines',
  },
  'unknown-variant': {
    meaning: 'the kind of variant does not exist',
    remedy: 'choose fp32, fp16, int8, int4, pruned-30 or slim-50, or join them with `+`',
  },
  'slim-unsupported': {
    meaning:
      'the graph has none of the parts that structured pruning (slim) removes, or attention layers that it cannot prune',
    remedy: 'export from the checkpoint, or leave slim out: `int8` is for every model',
  },
  'variant-refused': {
    meaning: 'the variant changes decisions too much',
    remedy: 'choose another variant, or run `watchword optimize --force`',
  },
  'output-other-model': { meaning: 'the output folder holds another model', remedy: 'choose an empty folder' },
} as const satisfies ErrorTable
