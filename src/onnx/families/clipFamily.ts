/** transformers' CLIPModel: OpenAI's models, MetaCLIP, TinyCLIP, and LAION's in that form. */

import { z } from 'zod'
import { isRecord, parseForeign } from '../../models/parseForeign.ts'
import {
  CLIP_MEAN,
  CLIP_STD,
  channels,
  meanOf,
  parsePreprocessor,
  placeOf,
  refuse,
  requireToken,
  requireWholeHeads,
  side,
  size,
  stdOf,
  TRANSFORMERS,
  towerOf,
  towerShape,
} from './configParts.ts'
import type { ConfigFiles, Family, ParsedCheckpoint } from './family.ts'
import { endOfText } from './vocabulary.ts'

export const clipFamily: Family = {
  title: "transformers' CLIPModel",
  ...TRANSFORMERS,
  recognises: config => config.model_type === 'clip',
  parse,
}

function parse({ path, name, config, preprocessor, vocabulary }: ConfigFiles): ParsedCheckpoint {
  const place = placeOf(path)
  const root = parseForeign(rootSchema, config, place)
  const [visionKey, textKey] = [towerKey(config, 'vision'), towerKey(config, 'text')]
  const vision = parseForeign(visionSchema, config[visionKey] ?? {}, { ...place, at: visionKey })
  const { eosTokenId, ...text } = parseForeign(textSchema, config[textKey] ?? {}, { ...place, at: textKey })
  const image = parsePreprocessor(path, preprocessor, preprocessorSchema)
  return {
    config: {
      name: root.name ?? name,
      embedDim: root.embedDim,
      vision,
      text: { ...text, eosTokenId: eosTokenId ?? endOfText(vocabulary, text.vocabSize) },
      ...image,
      fit: 'crop',
      tokenizer: 'clip-bpe',
      logitBias: false,
    },
    layout: { sourceOf: name => ({ name }), vision: ['vision_model.', 'visual_projection.'] },
  }
}

/** `<tower>_config_dict` of old files replaces `<tower>_config` completely, as in transformers. */
function towerKey(root: Readonly<Record<string, unknown>>, tower: 'vision' | 'text'): string {
  return isRecord(root[`${tower}_config_dict`]) ? `${tower}_config_dict` : `${tower}_config`
}

const rootSchema = z
  .object({ _name_or_path: z.unknown().optional(), projection_dim: size(512) })
  .transform(({ _name_or_path: name, projection_dim }) => ({
    name: typeof name === 'string' && name !== '' ? (name.split('/').at(-1) ?? null) : null,
    embedDim: projection_dim,
  }))

const DEFAULTS = { activation: 'quick_gelu', epsilon: 1e-5 } as const

const visionSchema = z
  .object(
    {
      ...towerShape({ width: 768, mlpWidth: 3072, heads: 12, ...DEFAULTS }),
      image_size: side(224),
      patch_size: side(32),
      num_channels: channels,
    },
    'an object',
  )
  .superRefine(requireWholeHeads)
  .superRefine(({ image_size, patch_size }, context) => {
    if (image_size % patch_size !== 0) refuse(context, 'image_size', `a multiple of patch_size (${patch_size})`)
  })
  .transform(tower => ({
    ...towerOf(tower),
    imageSize: tower.image_size,
    patchSize: tower.patch_size,
    tableSide: tower.image_size / tower.patch_size,
    classToken: true,
    patchBias: false,
    normBefore: true,
    rotary: null,
    attentionPool: null,
    projection: 'linear' as const,
  }))

/** `eosTokenId` is null where the vocabulary decides. */
const textSchema = z
  .object(
    {
      ...towerShape({ width: 512, mlpWidth: 2048, heads: 8, ...DEFAULTS }),
      vocab_size: size(49408),
      max_position_embeddings: size(77),
      /**
       * Files from before transformers 4.31 say 2 where the tokenizer ends texts with 49407, its highest id
       * (https://github.com/huggingface/transformers/pull/24773); the vocabulary has the right one.
       */
      eos_token_id: z
        .unknown()
        .optional()
        .transform(value => (Array.isArray(value) ? value[0] : value))
        .transform(value => (value === 2 ? null : (value ?? null))),
    },
    'an object',
  )
  .superRefine(requireWholeHeads)
  .superRefine(({ eos_token_id: id, vocab_size: vocabSize }, context) =>
    requireToken(id, { key: 'eos_token_id', vocabSize }, context),
  )
  .transform(tower => ({
    ...towerOf(tower),
    vocabSize: tower.vocab_size,
    contextLength: tower.max_position_embeddings,
    eosTokenId: tower.eos_token_id as number | null,
    causal: true,
    pooling: 'end' as const,
    padTokenId: null,
    projectionBias: false,
  }))

const preprocessorSchema = z
  .object({ image_mean: meanOf(CLIP_MEAN), image_std: stdOf(CLIP_STD) }, 'an object')
  .transform(({ image_mean: mean, image_std: std }) => ({ mean, std }))
