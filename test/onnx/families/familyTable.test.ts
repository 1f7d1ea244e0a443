import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFamily } from '../../../src/onnx/families/familyTable.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

function folder(files: Readonly<Record<string, unknown>>): string {
  const dir = temporaryFolder()
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(dir, name), content instanceof Uint8Array ? content : JSON.stringify(content))
  return dir
}

/** Weights without a single number in a tensor of this name. */
function weights(name: string): Buffer {
  const header = Buffer.from(JSON.stringify({ [name]: { dtype: 'F32', shape: [0], data_offsets: [0, 0] } }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header])
}

const CLIP_WEIGHT = 'vision_model.embeddings.patch_embedding.weight'
const CLIP = { model_type: 'clip' }
const OPEN_CLIP = { model_cfg: { embed_dim: 512, vision_cfg: {}, text_cfg: {} } }

it.each([
  ['a CLIPModel', { 'config.json': CLIP }, 'config.json'],
  ['a SiglipModel', { 'config.json': { model_type: 'siglip' } }, 'config.json'],
  ['OpenCLIP’s own configuration', { 'open_clip_config.json': OPEN_CLIP }, 'open_clip_config.json'],
  [
    'both, with the weights of transformers',
    { 'config.json': CLIP, 'open_clip_config.json': OPEN_CLIP, 'model.safetensors': weights(CLIP_WEIGHT) },
    'config.json',
  ],
  [
    'both, with the weights of OpenCLIP under transformers’ name',
    { 'config.json': CLIP, 'open_clip_config.json': OPEN_CLIP, 'model.safetensors': weights('visual.conv1.weight') },
    'open_clip_config.json',
  ],
  [
    'both, with shards of transformers beside the weights of OpenCLIP',
    {
      ...{ 'config.json': CLIP, 'open_clip_config.json': OPEN_CLIP },
      'open_clip_model.safetensors': weights('visual.conv1.weight'),
      'model.safetensors.index.json': { weight_map: { [CLIP_WEIGHT]: 'model-00001-of-00001.safetensors' } },
    },
    'config.json',
  ],
  [
    'both, with weights of neither',
    { 'config.json': CLIP, 'open_clip_config.json': OPEN_CLIP, 'model.safetensors': weights('other') },
    'config.json',
  ],
  [
    'both, with the weights of OpenCLIP',
    { 'config.json': CLIP, 'open_clip_config.json': OPEN_CLIP, 'open_clip_model.safetensors': 0 },
    'open_clip_config.json',
  ],
  [
    'a config.json of timm beside OpenCLIP’s',
    {
      'config.json': { architecture: 'vit_base_patch32_clip_256' },
      'open_clip_config.json': OPEN_CLIP,
      'model.safetensors': 0,
    },
    'open_clip_config.json',
  ],
])('finds %s', async (_, files, expected) => {
  const dir = folder(files)
  const { family, config } = await findFamily(dir)
  expect(family.configFile).toBe(expected)
  expect(config).toEqual((files as Record<string, unknown>)[expected])
})

describe('refuses', () => {
  it.each([
    ['another model', { model_type: 'bert' }, 'checkpoint-not-clip', /got model_type "bert"$/],
    ['a nameless model', {}, 'checkpoint-not-clip', /got no model_type$/],
    ['a list', [], 'checkpoint-config', /the file to be an object/],
    ['null', null, 'checkpoint-config', /the file to be an object/],
    ['NaFlex', { model_type: 'siglip2' }, 'checkpoint-unsupported', /got model_type "siglip2"$/],
  ])('%s', async (_, config, code, message) => {
    await expect(findFamily(folder({ 'config.json': config }))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it('images of any shape, with what to take instead', async () => {
    await expect(findFamily(folder({ 'config.json': { model_type: 'siglip2' } }))).rejects.toMatchObject({
      hint: expect.stringContaining('choose a SigLIP 2 of fixed resolution'),
    })
  })
})
