import { describe, expect, it } from 'vitest'
import { siglipFamily } from '../../../src/onnx/families/siglipFamily.ts'
import { parseWith } from './parseWith.ts'

const parse = (config: object, others: Parameters<typeof parseWith>[2] = {}) =>
  parseWith(siglipFamily, { model_type: 'siglip', ...config }, others).config

it('has the defaults of transformers: an empty configuration is SigLIP base at 224 pixels', () => {
  const tower = { width: 768, layers: 12, heads: 12, mlpWidth: 3072, activation: 'gelu_tanh', epsilon: 1e-6 }
  expect(parse({})).toEqual({
    name: 'x',
    embedDim: 768,
    vision: {
      ...tower,
      ...{ imageSize: 224, patchSize: 16, tableSide: 14, classToken: false, patchBias: true },
      ...{ normBefore: false, rotary: null, attentionPool: { heads: 12, mlpWidth: 3072 }, projection: 'none' },
    },
    text: {
      ...tower,
      ...{ vocabSize: 32000, contextLength: 64, causal: false, pooling: 'last' },
      ...{ eosTokenId: 1, padTokenId: null, projectionBias: true },
    },
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    fit: 'stretch',
    tokenizer: 'gemma',
    logitBias: true,
  })
})

it('leaves out pixels that fill no patch, as so400m-patch14-384 does', () => {
  const { vision } = parse({ vision_config: { image_size: 384, patch_size: 14 } })
  expect([vision.imageSize, vision.tableSide]).toEqual([384, 27])
})

it('reads mean and deviation from the preprocessor', () => {
  expect(parse({}, { preprocessor: { image_mean: [0.1, 0.2, 0.3] } }).mean).toEqual([0.1, 0.2, 0.3])
})

describe('refuses', () => {
  it.each([
    [
      'towers of different widths',
      { vision_config: { hidden_size: 1152, num_attention_heads: 16 }, text_config: {} },
      'checkpoint-config',
      'Expected `text_config.projection_size` to be the width of the vision tower (1152) in x/config.json, got 768',
    ],
    [
      'a vision tower without its head',
      { vision_config: { vision_use_head: false } },
      'checkpoint-unsupported',
      'Expected `vision_config.vision_use_head` to be true in x/config.json, got false',
    ],
    [
      'another activation',
      { text_config: { hidden_act: 'silu' } },
      'checkpoint-unsupported',
      'Expected `text_config.hidden_act` to be "quick_gelu", "gelu" or "gelu_pytorch_tanh" in x/config.json, got "silu"',
    ],
    [
      'a tower that is a list',
      { vision_config: [] },
      'checkpoint-config',
      'Expected `vision_config` to be an object in x/config.json, got []',
    ],
  ])('%s', (_, config, code, message) => {
    expect(() => parse(config)).toThrow(expect.objectContaining({ code, message }))
  })
})
