import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFamily } from '../../../src/onnx/families/familyTable.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

function folder(files: Readonly<Record<string, unknown>>): string {
  const dir = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), JSON.stringify(content))
  return dir
}

const CLIP = { model_type: 'clip' }
const OPEN_CLIP = { model_cfg: { embed_dim: 512, vision_cfg: {}, text_cfg: {} } }

it.each([
  ['a CLIPModel', { 'config.json': CLIP }, 'config.json'],
  ['a SiglipModel', { 'config.json': { model_type: 'siglip' } }, 'config.json'],
  ['OpenCLIP’s own configuration', { 'open_clip_config.json': OPEN_CLIP }, 'open_clip_config.json'],
  [
    'both, with the weights of transformers',
    { 'config.json': CLIP, 'open_clip_config.json': OPEN_CLIP, 'model.safetensors': 0 },
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
