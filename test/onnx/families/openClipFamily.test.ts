import { expect, it } from 'vitest'
import { openClipFamily } from '../../../src/onnx/families/openClipFamily.ts'
import { parseWith, vocabularyOf } from './parseWith.ts'

const model = (fields: object = {}) => ({ embed_dim: 512, vision_cfg: {}, text_cfg: {}, ...fields })
const parse = (fields: object = {}, rest: object = {}) =>
  parseWith(openClipFamily, { model_cfg: model(fields), ...rest }).config

it('has the defaults of OpenCLIP', () => {
  expect(parse()).toEqual({
    name: 'x',
    embedDim: 512,
    vision: {
      ...{ width: 768, layers: 12, heads: 12, mlpWidth: 3072, activation: 'gelu', epsilon: 1e-5 },
      ...{ imageSize: 224, patchSize: 16, tableSide: 14, classToken: true, patchBias: false },
      ...{ normBefore: true, rotary: null, attentionPool: null, projection: 'linear' },
    },
    text: {
      ...{ width: 512, layers: 12, heads: 8, mlpWidth: 2048, activation: 'gelu', epsilon: 1e-5 },
      ...{ vocabSize: 49408, contextLength: 77, causal: true, pooling: 'end' },
      ...{ eosTokenId: 49407, padTokenId: null, projectionBias: false },
    },
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
    fit: 'crop',
    tokenizer: 'clip-bpe',
    logitBias: false,
  })
})

it('reads DataComp’s ViT-B/32 at 256 pixels', () => {
  const { vision, fit } = parse(
    { vision_cfg: { image_size: 256, layers: 12, width: 768, patch_size: 32 } },
    {
      preprocess_cfg: { mean: [0.48145466, 0.4578275, 0.40821073], interpolation: 'bicubic', resize_mode: 'shortest' },
    },
  )
  expect(vision).toMatchObject({ imageSize: 256, patchSize: 32, tableSide: 8, activation: 'gelu' })
  expect(fit).toBe('crop')
})

it('reads a file of open_clip’s own model_configs, which has no model_cfg', () => {
  const { config } = parseWith(openClipFamily, model({ quick_gelu: true, vision_cfg: { patch_size: 32 } }))
  expect([config.vision.activation, config.text.activation, config.vision.patchSize]).toEqual([
    'quick_gelu',
    'quick_gelu',
    32,
  ])
})

it('ends texts as the vocabulary says', () => {
  const vocabulary = vocabularyOf({ '<|endoftext|>': 4000 })
  const { config } = parseWith(openClipFamily, { model_cfg: model() }, { vocabulary })
  expect(config.text.eosTokenId).toBe(4000)
})

it.each([
  ['squash', 'stretch'],
  ['longest', 'letterbox'],
  ['shortest', 'crop'],
])('resize_mode %s is `fit` %s', (resize_mode, fit) => {
  expect(parse({}, { preprocess_cfg: { resize_mode } }).fit).toBe(fit)
})

it('reads a text tower as SigLIP 2 has it', () => {
  const text_cfg = {
    ...{ context_length: 64, vocab_size: 256000, hf_tokenizer_name: 'timm/ViT-B-16-SigLIP2', no_causal_mask: true },
    ...{ tokenizer_kwargs: { clean: 'canonicalize' }, proj_bias: true, pool_type: 'last' },
    ...{ norm_kwargs: { eps: 1e-6 }, act_kwargs: { approximate: 'tanh' } },
  }
  const { text, tokenizer, logitBias } = parse({ text_cfg, init_logit_bias: -10 })
  expect(text).toMatchObject({ causal: false, pooling: 'last', projectionBias: true, activation: 'gelu_tanh' })
  expect([tokenizer, logitBias, text.epsilon, text.padTokenId]).toEqual(['gemma', true, 1e-6, null])
})

it.each([
  [{ tokenizer_kwargs: { clean: 'lower', reduction_mask: null }, tokenizer_mode: null }, 'clip-bpe'],
  [{ tokenizer_kwargs: null, tokenizer_mode: '' }, 'clip-bpe'],
  [{ hf_tokenizer_name: 'openai/clip-vit-base-patch32', tokenizer_kwargs: { clean: 'whitespace' } }, 'clip-bpe'],
  [{ hf_tokenizer_name: 'timm/ViT-B-16-SigLIP', tokenizer_kwargs: { clean: 'canonicalize' } }, 'siglip'],
])('accepts published settings of the tokenizer: %j', (text_cfg, kind) => {
  expect(parse({ text_cfg }).tokenizer).toBe(kind)
})

it.each([
  [
    'PE-Core-B-16',
    {
      embed_dim: 1024,
      vision_cfg: {
        image_size: 224,
        timm_model_name: 'vit_pe_core_base_patch16_224',
        timm_pool: 'map',
        timm_proj: null,
      },
    },
    {
      width: 768,
      tableSide: 14,
      projection: 'biased',
      rotary: { offset: 1 },
      classToken: true,
      attentionPool: { heads: 8, mlpWidth: 3072 },
    },
  ],
  [
    'PE-Core-bigG-14-448',
    {
      embed_dim: 1280,
      vision_cfg: {
        image_size: 448,
        timm_model_name: 'vit_pe_core_gigantic_patch14_448',
        timm_pool: 'map',
        timm_proj: null,
      },
    },
    {
      width: 1536,
      tableSide: 32,
      mlpWidth: 8960,
      rotary: { offset: 0 },
      classToken: false,
      attentionPool: { heads: 8, mlpWidth: 6144 },
    },
  ],
  [
    'ViT-L-16-SigLIP2-512',
    {
      embed_dim: 1024,
      vision_cfg: {
        image_size: 512,
        timm_model_name: 'vit_large_patch16_siglip_512',
        timm_pool: 'map',
        timm_proj: 'none',
      },
    },
    {
      width: 1024,
      activation: 'gelu_tanh',
      projection: 'none',
      rotary: null,
      attentionPool: { heads: 16, mlpWidth: 4096 },
    },
  ],
  [
    'ViT-SO400M-14-SigLIP-384',
    {
      embed_dim: 1152,
      vision_cfg: {
        image_size: 384,
        timm_model_name: 'vit_so400m_patch14_siglip_384',
        timm_pool: 'map',
        timm_proj: 'none',
      },
    },
    { activation: 'gelu', tableSide: 27, mlpWidth: 4304 },
  ],
])('knows the vision tower of %s', (_, fields, vision) => {
  expect(parse(fields).vision).toMatchObject(vision)
})

it('names the tensors of a packed, a transposed and a text weight', () => {
  const { layout } = parseWith(openClipFamily, { model_cfg: model({ custom_text: true }) })
  expect(layout.sourceOf('vision_model.encoder.layers.3.self_attn.v_proj.bias')).toEqual({
    name: 'visual.transformer.resblocks.3.attn.in_proj_bias',
    block: { index: 2, count: 3 },
  })
  expect(layout.sourceOf('text_projection.weight')).toEqual({ name: 'text.text_projection', isTransposed: true })
  expect(layout.sourceOf('text_model.encoder.layers.0.mlp.fc2.weight')).toEqual({
    name: 'text.transformer.resblocks.0.mlp.c_proj.weight',
  })
  expect(layout.sourceOf('logit_scale')).toEqual({ name: 'logit_scale' })
})
