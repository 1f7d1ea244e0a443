/** Schemas of open_clip_config.json, with OpenCLIP's defaults. A key that would change the arithmetic is refused. */

import { z } from 'zod'
import type { TokenizerKind } from '../../models/tokenizerKinds.ts'
import {
  ABSENT,
  CLEAN_CLIP,
  CLEAN_HF_CLIP,
  CLEAN_SIGLIP,
  CLIP_MEAN,
  CLIP_STD,
  meanOf,
  POSITIONS,
  PROJECTION,
  positive,
  refuse,
  requireToken,
  side,
  size,
  stdOf,
  TEXT_POOL,
  TIMM_POOL,
  TIMM_PROJ,
  TOKENIZER,
  UNSET,
  VISION_POOL,
  VIT_LAYERS,
  whole,
  withDefault,
} from './configParts.ts'

const flag = (fallback: boolean) => withDefault(z.boolean('true or false'), fallback)

export const modelSchema = z
  .object({
    embed_dim: whole(),
    quick_gelu: flag(false),
    custom_text: flag(false),
    init_logit_bias: z.number('a number').nullish(),
  })
  .transform(model => ({
    embedDim: model.embed_dim,
    isQuick: model.quick_gelu,
    isCustomText: model.custom_text,
    logitBias: model.init_logit_bias !== undefined && model.init_logit_bias !== null,
  }))

const layers = z
  .unknown()
  .optional()
  .pipe(
    withDefault(
      whole(({ input }) => (Array.isArray(input) ? VIT_LAYERS : 'a whole number above 0')),
      12,
    ),
  )

const tower = {
  mlp_ratio: positive(4),
  norm_kwargs: withDefault(z.object({ eps: positive(1e-5) }, 'an object'), { eps: 1e-5 }),
  act_kwargs: withDefault(
    z.object({ approximate: z.enum(['tanh', 'none'], '"tanh" or "none"').optional() }, 'an object'),
    {},
  ),
}

/** Keys that matter in training only, choose other outputs, or take effect only with a key that is refused or read elsewhere. */
const HARMLESS = /^(patch_dropout|output_tokens|attn_pooler_.*|timm_.*|hf_.*|final_ln_after_pool)$/

/** New keys of OpenCLIP switch new arithmetic on: with one that is not known, the embeddings would be wrong. */
function refuseUnknown(known: readonly string[]) {
  return (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    for (const [key, setting] of Object.entries(value)) {
      if (known.includes(key) || HARMLESS.test(key) || setting === null || setting === false) continue
      refuse(context, key, ABSENT)
    }
  }
}

const visionShape = {
  ...tower,
  layers,
  width: size(768),
  head_width: size(64),
  patch_size: side(16),
  image_size: side(224),
  no_ln_pre: flag(false),
  pool_type: withDefault(z.literal('tok', VISION_POOL), 'tok'),
  pos_embed_type: withDefault(z.literal('learnable', POSITIONS), 'learnable'),
}

export const visionSchema = z
  .looseObject(visionShape, 'an object')
  .superRefine(refuseUnknown(Object.keys(visionShape)))
  .superRefine(({ width, head_width, image_size, patch_size }, context) => {
    if (width % head_width !== 0) refuse(context, 'width', `a multiple of head_width (${head_width})`)
    if (image_size % patch_size !== 0) refuse(context, 'image_size', `a multiple of patch_size (${patch_size})`)
  })
  .transform(vision => ({
    width: vision.width,
    layers: vision.layers,
    heads: vision.width / vision.head_width,
    mlpWidth: Math.floor(vision.width * vision.mlp_ratio),
    epsilon: vision.norm_kwargs.eps,
    isTanh: vision.act_kwargs.approximate === 'tanh',
    imageSize: vision.image_size,
    patchSize: vision.patch_size,
    tableSide: vision.image_size / vision.patch_size,
    classToken: true,
    patchBias: false,
    normBefore: !vision.no_ln_pre,
    rotary: null,
    attentionPool: null,
    projection: 'linear' as const,
  }))

/** A vision tower of timm: its name says everything else. Without `timm_proj` its own classifier is the projection. */
export const timmSchema = z
  .object(
    {
      timm_model_name: z.string('text'),
      timm_pool: z.literal('map', TIMM_POOL),
      timm_proj: z.enum(['none', ''], TIMM_PROJ).nullish(),
      image_size: side(224),
    },
    'an object',
  )
  .transform(({ image_size: imageSize, timm_model_name: name, timm_proj: projection }) => ({
    name,
    imageSize,
    projection: projection === 'none' ? ('none' as const) : ('biased' as const),
  }))

const POOLING = { argmax: 'end', eos: 'end', last: 'last', first: 'first' } as const

const textShape = {
  ...tower,
  layers,
  width: size(512),
  heads: size(8),
  context_length: size(77),
  vocab_size: size(49408),
  no_causal_mask: flag(false),
  pool_type: withDefault(z.enum(['argmax', 'eos', 'last', 'first'], TEXT_POOL), 'argmax'),
  proj_type: withDefault(z.literal('linear', PROJECTION), 'linear'),
  proj_bias: flag(false),
  hf_tokenizer_name: withDefault(z.string('text'), ''),
  tokenizer_mode: z.unknown().optional(),
  tokenizer_kwargs: withDefault(z.looseObject({}, 'an object'), {}),
  pad_id: withDefault(z.unknown(), 0),
  eos_id: z.unknown().optional(),
}

export const textSchema = z
  .looseObject(textShape, 'an object')
  .superRefine(refuseUnknown(Object.keys(textShape)))
  .superRefine(({ width, heads, hf_tokenizer_name: name, ...text }, context) => {
    if (width % heads !== 0) refuse(context, 'width', `a multiple of heads (${heads})`)
    if (tokenizerOf(name) === null) refuse(context, 'hf_tokenizer_name', TOKENIZER)
    else refuseOtherTokens(name, text, context)
    requireToken(text.pad_id, { key: 'pad_id', vocabSize: text.vocab_size }, context)
    if (text.pool_type === 'eos') requireToken(text.eos_id, { key: 'eos_id', vocabSize: text.vocab_size }, context)
  })
  .transform(text => ({
    width: text.width,
    layers: text.layers,
    heads: text.heads,
    mlpWidth: Math.floor(text.width * text.mlp_ratio),
    epsilon: text.norm_kwargs.eps,
    isTanh: text.act_kwargs.approximate === 'tanh',
    vocabSize: text.vocab_size,
    contextLength: text.context_length,
    causal: !text.no_causal_mask,
    pooling: POOLING[text.pool_type],
    eosTokenId: text.pool_type === 'eos' && typeof text.eos_id === 'number' ? text.eos_id : null,
    padTokenId: text.pad_id as number,
    projectionBias: text.proj_bias,
    tokenizer: tokenizerOf(text.hf_tokenizer_name) ?? 'clip-bpe',
  }))

/** OpenCLIP's own tokenizer is CLIP's; null for one that cannot be read here. */
function tokenizerOf(name: string): TokenizerKind | null {
  if (/siglip2|gemma/i.test(name)) return 'gemma'
  if (/siglip/i.test(name)) return 'siglip'
  return name === '' || /^openai\/clip-/.test(name) ? 'clip-bpe' : null
}

interface TokenizerSettings {
  readonly tokenizer_mode?: unknown
  readonly tokenizer_kwargs: Readonly<Record<string, unknown>>
}

/** Settings that make other tokens than the tokenizers here do. */
function refuseOtherTokens(name: string, settings: TokenizerSettings, context: z.RefinementCtx): void {
  const { clean, ...others } = settings.tokenizer_kwargs
  const [expected, allowed] = cleaningOf(name)
  const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
  if (!isUnset(settings.tokenizer_mode)) issue(['tokenizer_mode'], UNSET)
  if (!allowed.includes(clean ?? null)) issue(['tokenizer_kwargs', 'clean'], expected)
  for (const [key, value] of Object.entries(others)) if (!isUnset(value)) issue(['tokenizer_kwargs', key], UNSET)
}

/**
 * Without `clean`, OpenCLIP's own tokenizer lowercases; those of transformers only join white space. CLIP's lowercases
 * by itself, so that both settings make the same tokens.
 */
function cleaningOf(name: string): readonly [expected: string, allowed: readonly unknown[]] {
  if (tokenizerOf(name) !== 'clip-bpe') return [CLEAN_SIGLIP, ['canonicalize']]
  return name === '' ? [CLEAN_CLIP, [null, 'lower']] : [CLEAN_HF_CLIP, [null, 'lower', 'whitespace']]
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === ''
}

const FITS = { shortest: 'crop', longest: 'letterbox', squash: 'stretch' } as const

export const preprocessSchema = z
  .object(
    {
      mean: meanOf(CLIP_MEAN),
      std: stdOf(CLIP_STD),
      resize_mode: withDefault(
        z.enum(['shortest', 'longest', 'squash'], '"shortest", "longest" or "squash"'),
        'shortest',
      ),
    },
    'an object',
  )
  .transform(({ mean, std, resize_mode }) => ({ mean, std, fit: FITS[resize_mode] }))
