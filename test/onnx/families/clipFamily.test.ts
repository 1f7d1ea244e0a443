import { describe, expect, it } from 'vitest'
import { clipFamily } from '../../../src/onnx/families/clipFamily.ts'
import { parseWith, vocabularyOf } from './parseWith.ts'

const parse = (config: object, others: { preprocessor?: unknown; vocab?: Record<string, number> | null } = {}) =>
  parseWith(clipFamily, config, { ...others, vocabulary: others.vocab ? vocabularyOf(others.vocab) : null }).config

it('has the defaults of transformers: an empty configuration is ViT-B/32', () => {
  const tower = { layers: 12, activation: 'quick_gelu', epsilon: 1e-5 }
  expect(parse({ model_type: 'clip' })).toEqual({
    name: 'x',
    embedDim: 512,
    vision: {
      ...tower,
      ...{ width: 768, heads: 12, mlpWidth: 3072, imageSize: 224, patchSize: 32, tableSide: 7 },
      ...{
        classToken: true,
        patchBias: false,
        normBefore: true,
        rotary: null,
        attentionPool: null,
        projection: 'linear',
      },
    },
    text: {
      ...tower,
      ...{ width: 512, heads: 8, mlpWidth: 2048, vocabSize: 49408, contextLength: 77, eosTokenId: 49407 },
      ...{ causal: true, pooling: 'end', padTokenId: null, projectionBias: false },
    },
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
    fit: 'crop',
    tokenizer: 'clip-bpe',
    logitBias: false,
  })
})

it('reads ViT-L/14 at 336 pixels', () => {
  const { vision, text, embedDim } = parse({
    model_type: 'clip',
    projection_dim: 768,
    vision_config: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      patch_size: 14,
      image_size: 336,
    },
    text_config: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, eos_token_id: 2 },
  })
  expect(vision).toMatchObject({ width: 1024, layers: 24, heads: 16, patchSize: 14, imageSize: 336 })
  expect([text.width, text.eosTokenId, embedDim]).toEqual([768, 49407, 768])
})

it('replaces *_config as a whole by the old *_config_dict, as transformers does', () => {
  const { vision } = parse({
    model_type: 'clip',
    vision_config: { hidden_size: 1024, num_attention_heads: 16 },
    vision_config_dict: { patch_size: 16 },
  })
  expect([vision.patchSize, vision.width, vision.heads]).toEqual([16, 768, 12])
})

it('reads mean and standard deviation from the preprocessor', () => {
  const preprocessor = { image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25] }
  expect(parse({ model_type: 'clip' }, { preprocessor })).toMatchObject({
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  })
})

it.each([
  ['2, as OpenAI’s says, by the vocabulary', { eos_token_id: 2 }, { '<|endoftext|>': 49000 }, 49000],
  ['2 without a vocabulary: the last', { eos_token_id: 2, vocab_size: 300 }, null, 299],
  ['none', {}, { '<|endoftext|>': 49407 }, 49407],
  ['one of several: the first', { eos_token_id: [7, 8] }, null, 7],
  ['any other, whatever the vocabulary says', { eos_token_id: 5 }, { '<|endoftext|>': 49407 }, 5],
])('end token %s', (_, text_config, vocab, expected) => {
  expect(parse({ model_type: 'clip', text_config }, { vocab }).text.eosTokenId).toBe(expected)
})

describe('refuses', () => {
  const vision = (fields: object) => ({ model_type: 'clip', vision_config: fields })
  it.each([
    [
      'a tower that is text',
      { model_type: 'clip', text_config: 'x' },
      'checkpoint-config',
      /`text_config` to be an object/,
    ],
    [
      'text as a number',
      vision({ hidden_size: '768' }),
      'checkpoint-config',
      /`vision_config\.hidden_size` .* got "768"/,
    ],
    ['no layers', vision({ num_hidden_layers: 0 }), 'checkpoint-config', /whole number above 0/],
    [
      'heads that do not divide',
      vision({ num_attention_heads: 7 }),
      'checkpoint-config',
      /multiple of num_attention_heads \(7\)/,
    ],
    ['patches that do not divide', vision({ patch_size: 15 }), 'checkpoint-config', /multiple of patch_size \(15\)/],
    [
      'another activation',
      vision({ hidden_act: 'relu' }),
      'checkpoint-unsupported',
      /"quick_gelu", "gelu" or "gelu_pytorch_tanh"/,
    ],
    [
      'a name that every object has',
      vision({ hidden_act: 'constructor' }),
      'checkpoint-unsupported',
      /"quick_gelu", "gelu" or "gelu_pytorch_tanh"/,
    ],
    ['grey pictures', vision({ num_channels: 1 }), 'checkpoint-unsupported', /num_channels/],
    ['oblong pictures', vision({ image_size: [224, 336] }), 'checkpoint-unsupported', /square/],
    ['an epsilon of 0', vision({ layer_norm_eps: 0 }), 'checkpoint-config', /above 0/],
    [
      'an end token beyond',
      { model_type: 'clip', text_config: { eos_token_id: 49408 } },
      'checkpoint-config',
      /below vocab_size/,
    ],
  ])('%s', (_, config, code, message) => {
    expect(() => parse(config)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  it('a vocabulary of another model', () => {
    expect(() =>
      parse({ model_type: 'clip', text_config: { vocab_size: 300 } }, { vocab: { '<|endoftext|>': 4095 } }),
    ).toThrow('Expected <|endoftext|> in vocab.json to be a token below vocab_size (300), got 4095')
  })

  it('a deviation of 0', () => {
    expect(() => parse({ model_type: 'clip' }, { preprocessor: { image_std: [1, 0, 1] } })).toThrow(
      'Expected `image_std` to be three numbers in x/preprocessor_config.json, got [1,0,1]',
    )
  })
})
