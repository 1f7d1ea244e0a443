/** Schemas of a CLIP checkpoint's JSON files. Unknown keys are ignored; missing ones take the defaults of transformers. */

import { z } from 'zod'

const SQUARE = 'one side of a square'
const ACTIVATION = '"quick_gelu" or "gelu"'
const CHANNELS = '3'

/** Messages for valid files that describe a model which cannot be exported. */
export const UNSUPPORTED: readonly string[] = [SQUARE, ACTIVATION, CHANNELS]

const WHOLE = 'a whole number above 0'
const whole = (error: z.core.$ZodErrorMap | string) =>
  z
    .int({ error: typeof error === 'string' ? () => error : error })
    .positive(WHOLE)
    .max(2 ** 31 - 1, WHOLE)

/** In JSON of transformers, null means the default, too. */
function withDefault<T extends z.ZodType>(schema: T, fallback: z.output<T>) {
  return schema.nullish().transform(value => value ?? fallback)
}

const size = (fallback: number) => withDefault(whole(WHOLE), fallback)

/** A side in pixels, or two equal ones. */
const side = (fallback: number) =>
  z
    .unknown()
    .optional()
    .transform(value => (Array.isArray(value) && value.length === 2 && value[0] === value[1] ? value[0] : value))
    .pipe(
      withDefault(
        whole(({ input }) => (Array.isArray(input) ? SQUARE : WHOLE)),
        fallback,
      ),
    )

const rgb = (channel: z.ZodNumber, fallback: readonly [number, number, number]) =>
  withDefault(z.tuple([channel, channel, channel], 'three numbers').readonly(), fallback)

export const rootSchema = z
  .object({ _name_or_path: z.unknown().optional(), projection_dim: size(512) })
  .transform(({ _name_or_path: name, projection_dim }) => ({
    name: typeof name === 'string' && name !== '' ? (name.split('/').at(-1) ?? null) : null,
    embedDim: projection_dim,
  }))

const towerShape = (defaults: { width: number; mlpWidth: number; heads: number }) => ({
  hidden_size: size(defaults.width),
  num_attention_heads: size(defaults.heads),
  hidden_act: withDefault(z.enum(['quick_gelu', 'gelu'], ACTIVATION), 'quick_gelu'),
  num_hidden_layers: size(12),
  intermediate_size: size(defaults.mlpWidth),
  layer_norm_eps: withDefault(z.number('a number above 0').positive('a number above 0'), 1e-5),
})

type Tower = z.output<z.ZodObject<ReturnType<typeof towerShape>>>

function towerOf(tower: Tower) {
  return {
    width: tower.hidden_size,
    heads: tower.num_attention_heads,
    activation: tower.hidden_act,
    layers: tower.num_hidden_layers,
    mlpWidth: tower.intermediate_size,
    epsilon: tower.layer_norm_eps,
  }
}

function requireWholeHeads({ hidden_size, num_attention_heads: heads }: Tower, context: z.RefinementCtx): void {
  if (hidden_size % heads !== 0) refuse(context, 'hidden_size', `a multiple of num_attention_heads (${heads})`)
}

function refuse(context: z.RefinementCtx, key: string, expected: string): void {
  context.addIssue({ code: 'custom', path: [key], message: expected })
}

export const visionSchema = z
  .object(
    {
      ...towerShape({ width: 768, mlpWidth: 3072, heads: 12 }),
      image_size: side(224),
      patch_size: side(32),
      num_channels: z.literal(3, CHANNELS).nullish(),
    },
    'an object',
  )
  .superRefine(requireWholeHeads)
  .superRefine(({ image_size, patch_size }, context) => {
    if (image_size % patch_size !== 0) refuse(context, 'image_size', `a multiple of patch_size (${patch_size})`)
  })
  .transform(tower => ({ ...towerOf(tower), imageSize: tower.image_size, patchSize: tower.patch_size }))

/** `eosTokenId` is null where the vocabulary decides. */
export const textSchema = z
  .object(
    {
      ...towerShape({ width: 512, mlpWidth: 2048, heads: 8 }),
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
  .superRefine(({ eos_token_id: id, vocab_size }, context) => {
    const isToken = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id < vocab_size
    if (id !== null && !isToken) refuse(context, 'eos_token_id', `a token below vocab_size (${vocab_size})`)
  })
  .transform(tower => ({
    ...towerOf(tower),
    vocabSize: tower.vocab_size,
    contextLength: tower.max_position_embeddings,
    eosTokenId: tower.eos_token_id as number | null,
  }))

export const preprocessorSchema = z
  .object(
    {
      image_mean: rgb(z.number('three numbers'), [0.48145466, 0.4578275, 0.40821073]),
      image_std: rgb(z.number('three numbers').positive('three numbers'), [0.26862954, 0.26130258, 0.27577711]),
    },
    'an object',
  )
  .transform(({ image_mean: mean, image_std: std }) => ({ mean, std }))
