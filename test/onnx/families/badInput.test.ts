/** Checkpoints whose files do not belong together: one line with a code, and an output folder that stays empty. */

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exportModel } from '../../../src/onnx/exportModel.ts'
import { readSafetensors, type StoredTensor } from '../../../src/onnx/readSafetensors.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'
import { copyTiny, type Tiny, tinyDir } from '../fixtures.ts'

const OPEN_CLIP = 'open-clip-custom-no_ln_pre-half-squash'

type Change = (dir: string) => void

interface OpenClipModel {
  readonly vision_cfg: object
  readonly text_cfg: object
}

function changeJson<T>(file: string, change: (json: T) => void): Change {
  return dir => {
    const json = JSON.parse(readFileSync(join(dir, file), 'utf8')) as T
    change(json)
    writeFileSync(join(dir, file), JSON.stringify(json))
  }
}

const changeOpenClip = (change: (model: OpenClipModel) => void) =>
  changeJson<{ model_cfg: OpenClipModel }>('open_clip_config.json', json => change(json.model_cfg))

/** Leaves a tensor out of the weights. */
function without(file: string, tensor: string): Change {
  return dir => {
    const path = join(dir, file)
    const bytes = readFileSync(path)
    const kept = [...readSafetensors(path)].filter(([name]) => name !== tensor)
    writeFileSync(path, safetensors(kept.map(([name, stored]) => [name, stored, bytes])))
  }
}

function safetensors(tensors: readonly (readonly [string, StoredTensor, Buffer])[]): Buffer {
  let end = 0
  const header: Record<string, unknown> = {}
  const parts = tensors.map(([name, { dtype, dims, offset, byteLength }, bytes]) => {
    header[name] = { dtype, shape: dims, data_offsets: [end, end + byteLength] }
    end += byteLength
    return bytes.subarray(offset, offset + byteLength)
  })
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, ...parts])
}

/** The weights of another tiny checkpoint. */
function weightsOf(name: Tiny, from: string, to: string): Change {
  return dir => writeFileSync(join(dir, to), readFileSync(join(tinyDir(name), from)))
}

const OPEN_WEIGHTS = 'open_clip_model.safetensors'

it.each<[string, Tiny, Change, string, RegExp]>([
  [
    'OpenCLIP’s weights beside the configuration of a CLIPModel',
    'half',
    weightsOf(OPEN_CLIP, OPEN_WEIGHTS, 'model.safetensors'),
    'checkpoint-shape',
    /^Expected weights of transformers' CLIPModel, as config\.json says, got those of OpenCLIP's layout in /,
  ],
  [
    'a CLIPModel’s weights beside OpenCLIP’s configuration',
    OPEN_CLIP,
    weightsOf('half', 'model.safetensors', OPEN_WEIGHTS),
    'checkpoint-shape',
    /^Expected weights of OpenCLIP's layout, as open_clip_config\.json says, got those of transformers' CLIPModel in /,
  ],
  [
    'the configuration of SigLIP beside a CLIPModel’s weights',
    'half',
    changeJson<object>('config.json', json => Object.assign(json, { model_type: 'siglip' })),
    'checkpoint-tensor-missing',
    /lacks the tensor `vision_model\.embeddings\.patch_embedding\.bias`$/,
  ],
  [
    'weights without a bias of the attention',
    OPEN_CLIP,
    without(OPEN_WEIGHTS, 'visual.transformer.resblocks.0.attn.in_proj_bias'),
    'checkpoint-tensor-missing',
    /lacks the tensor `visual\.transformer\.resblocks\.0\.attn\.in_proj_bias`$/,
  ],
  [
    'weights without the pooling query',
    'siglip-p16',
    without('model.safetensors', 'vision_model.head.probe'),
    'checkpoint-tensor-missing',
    /lacks the tensor `vision_model\.head\.probe`$/,
  ],
  [
    'weights without a bias of the logits',
    'siglip-p16',
    without('model.safetensors', 'logit_bias'),
    'checkpoint-tensor-missing',
    /lacks the tensor `logit_bias`$/,
  ],
  [
    'a text tower without its own prefix',
    OPEN_CLIP,
    changeOpenClip(model => Object.assign(model, { custom_text: false })),
    'checkpoint-tensor-missing',
    /lacks the tensor `token_embedding\.weight`$/,
  ],
  [
    'a projection that should have a bias',
    OPEN_CLIP,
    changeOpenClip(model => Object.assign(model.text_cfg, { proj_bias: true })),
    'checkpoint-tensor-missing',
    /lacks the tensor `text\.text_projection\.weight`$/,
  ],
  [
    'another width',
    OPEN_CLIP,
    changeOpenClip(model => Object.assign(model.vision_cfg, { width: 64 })),
    'checkpoint-shape',
    /^Expected `visual\..+` to have shape \[.+\], got \[.+\] in /,
  ],
  [
    'another length of embeddings',
    OPEN_CLIP,
    changeOpenClip(model => Object.assign(model, { embed_dim: 8 })),
    'checkpoint-shape',
    /^Expected `visual\.proj` to have shape \[32,8\], got \[32,28\] in /,
  ],
  [
    'more layers than configured',
    OPEN_CLIP,
    changeOpenClip(model => Object.assign(model.text_cfg, { layers: 1 })),
    'checkpoint-shape',
    /^Expected 1 layers in the text tower, as open_clip_config\.json says, got more in /,
  ],
  [
    'a vocabulary of another size',
    'siglip-p16',
    dir => writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify({ model: { vocab: { '<pad>': 0, z: 255_999 } } })),
    'checkpoint-config',
    /^Expected the tokens of tokenizer\.json to be below vocab_size \(90\), got 255999$/,
  ],
  [
    'pickled weights only',
    OPEN_CLIP,
    dir => renameSync(join(dir, OPEN_WEIGHTS), join(dir, 'open_clip_pytorch_model.bin')),
    'checkpoint-missing',
    /^Expected open_clip_model\.safetensors in /,
  ],
  [
    'SigLIP 2 without its tokenizer',
    'siglip-p16',
    dir => rmSync(join(dir, 'tokenizer.json')),
    'tokenizer-missing',
    /^Expected vocab\.json and merges\.txt, spiece\.model or tokenizer\.json in .+, found none$/,
  ],
  [
    'CLIP without a tokenizer',
    'half',
    dir => rmSync(join(dir, 'vocab.json')),
    'tokenizer-missing',
    /^Expected vocab\.json and merges\.txt, spiece\.model or tokenizer\.json in .+, found only merges\.txt$/,
  ],
])('%s', async (_, name, change, code, message) => {
  const checkpointDir = copyTiny(name, change)
  const outputDir = temporaryFolder()
  await expect(exportModel({ checkpointDir, outputDir })).rejects.toMatchObject({
    name: 'WatchwordError',
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/^[^\n]+$/),
  })
  expect(readdirSync(outputDir)).toEqual([])
})

it('says what to do about pickled weights', async () => {
  const pickled = copyTiny(OPEN_CLIP, dir =>
    renameSync(join(dir, OPEN_WEIGHTS), join(dir, 'open_clip_pytorch_model.bin')),
  )
  await expect(exportModel({ checkpointDir: pickled, outputDir: temporaryFolder() })).rejects.toMatchObject({
    hint: expect.stringContaining('Only open_clip_pytorch_model.bin is there'),
  })
})
