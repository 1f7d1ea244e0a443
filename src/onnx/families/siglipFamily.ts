/** transformers' SiglipModel: SigLIP, and SigLIP 2 of fixed resolution. */

import { z } from 'zod'
import { parseForeign, unexpected } from '../../models/parseForeign.ts'
import {
  channels,
  HEAD,
  meanOf,
  parsePreprocessor,
  placeOf,
  requireWholeHeads,
  side,
  size,
  stdOf,
  TRANSFORMERS,
  towerOf,
  towerShape,
  whole,
} from './configParts.ts'
import type { ConfigFiles, Family, ParsedCheckpoint, TensorSource } from './family.ts'
import { packedPart } from './renamed.ts'

export const siglipFamily: Family = {
  title: "transformers' SiglipModel",
  ...TRANSFORMERS,
  recognises: config => config.model_type === 'siglip',
  parse,
}

function parse({ path, name, config, preprocessor }: ConfigFiles): ParsedCheckpoint {
  const place = placeOf(path)
  const vision = parseForeign(visionSchema, config.vision_config ?? {}, { ...place, at: 'vision_config' })
  const tower = parseForeign(textSchema, config.text_config ?? {}, { ...place, at: 'text_config' })
  const { embedDim = tower.width, ...text } = tower
  if (embedDim !== vision.width) {
    const at = 'text_config.projection_size'
    throw unexpected(`the width of the vision tower (${vision.width})`, embedDim, { ...place, at })
  }
  const image = parsePreprocessor(path, preprocessor, preprocessorSchema)
  return {
    config: {
      name,
      embedDim,
      vision,
      text,
      ...image,
      fit: 'stretch',
      tokenizer: 'gemma',
      logitBias: true,
    },
    layout: { sourceOf, vision: ['vision_model.'] },
  }
}

const DEFAULTS = { width: 768, mlpWidth: 3072, heads: 12, activation: 'gelu_tanh', epsilon: 1e-6 } as const

const visionSchema = z
  .object(
    {
      ...towerShape(DEFAULTS),
      image_size: side(224),
      patch_size: side(16),
      num_channels: channels,
      vision_use_head: z.literal(true, HEAD).nullish(),
    },
    'an object',
  )
  .superRefine(requireWholeHeads)
  .transform(tower => ({
    ...towerOf(tower),
    imageSize: tower.image_size,
    patchSize: tower.patch_size,
    tableSide: Math.floor(tower.image_size / tower.patch_size),
    classToken: false,
    patchBias: true,
    normBefore: false,
    rotary: null,
    attentionPool: { heads: tower.num_attention_heads, mlpWidth: tower.intermediate_size },
    projection: 'none' as const,
  }))

const textSchema = z
  .object(
    {
      ...towerShape(DEFAULTS),
      vocab_size: size(32000),
      max_position_embeddings: size(64),
      projection_size: whole().nullish(),
    },
    'an object',
  )
  .superRefine(requireWholeHeads)
  .transform(tower => ({
    ...towerOf(tower),
    vocabSize: tower.vocab_size,
    contextLength: tower.max_position_embeddings,
    embedDim: tower.projection_size ?? undefined,
    causal: false,
    pooling: 'last' as const,
    // Published configurations have ids of CLIP's tokenizer; both tokenizers of SigLIP end texts with 1 and know their padding.
    eosTokenId: 1,
    padTokenId: null,
    projectionBias: true,
  }))

const HALVES = [0.5, 0.5, 0.5] as const

const preprocessorSchema = z
  .object({ image_mean: meanOf(HALVES), image_std: stdOf(HALVES) }, 'an object')
  .transform(({ image_mean: mean, image_std: std }) => ({ mean, std }))

function sourceOf(name: string): TensorSource {
  const packed = packedPart(name, '.head.attention.', (tower, kind) => `${tower}.head.attention.in_proj_${kind}`)
  return packed ?? { name: name.replace(/^text_projection\./, 'text_model.head.') }
}
