/** Schemas that the families' configurations share. Unknown keys are ignored; missing ones take the reference's defaults. */

import { z } from 'zod'
import { type ForeignOptions, parseForeign } from '../../models/parseForeign.ts'
import type { Activation } from '../modelConfig.ts'

const SQUARE = 'one side of a square'
const ACTIVATION = '"quick_gelu", "gelu" or "gelu_pytorch_tanh"'
const CHANNELS = '3'
export const ABSENT = 'absent, null or false'
export const VIT_LAYERS = 'the number of layers of a ViT'
export const HEAD = 'true'
export const VISION_POOL = '"tok"'
export const TEXT_POOL = '"argmax", "eos", "last" or "first"'
export const POSITIONS = '"learnable"'
export const PROJECTION = '"linear"'
export const TOKENIZER = "the name of CLIP's or SigLIP's tokenizer"
export const CLEAN_SIGLIP = '"canonicalize"'
export const CLEAN_CLIP = 'absent, null or "lower"'
export const CLEAN_HF_CLIP = 'absent, null, "lower" or "whitespace"'
export const UNSET = 'absent, null, false or empty'
export const TIMM_POOL = '"map"'
export const TIMM_PROJ = 'null or "none"'

/** Messages for valid files that describe a model which cannot be exported. */
const UNSUPPORTED: readonly string[] = [
  ...[SQUARE, ACTIVATION, CHANNELS, ABSENT, VIT_LAYERS, HEAD, VISION_POOL, TEXT_POOL, POSITIONS, PROJECTION, TOKENIZER],
  ...[TIMM_POOL, TIMM_PROJ, CLEAN_SIGLIP, CLEAN_CLIP, CLEAN_HF_CLIP, UNSET],
]

/** Files and names that transformers' models share. */
export const TRANSFORMERS = {
  configFile: 'config.json',
  weightFiles: ['model.safetensors', 'model.safetensors.index.json'],
  patchWeights: ['vision_model.embeddings.patch_embedding.weight'],
} as const

/** preprocessor_config.json beside transformers' config.json: a missing one has the defaults of its schema. */
export function parsePreprocessor<T extends z.ZodType>(path: string, preprocessor: unknown, schema: T): z.output<T> {
  const file = path.replace(/config\.json$/, 'preprocessor_config.json')
  return parseForeign(schema, preprocessor ?? {}, { ...placeOf(path), file })
}

/** The file and the error codes for `parseForeign`. */
export function placeOf(file: string): ForeignOptions {
  return { file, code: expected => (UNSUPPORTED.includes(expected) ? 'checkpoint-unsupported' : 'checkpoint-config') }
}

const WHOLE = 'a whole number above 0'
export const whole = (error: z.core.$ZodErrorMap | string = WHOLE) =>
  z
    .int({ error: typeof error === 'string' ? () => error : error })
    .positive(WHOLE)
    .max(2 ** 31 - 1, WHOLE)

/** In JSON of transformers, null means the default, too. */
export function withDefault<T extends z.ZodType>(schema: T, fallback: z.output<T>) {
  return schema.nullish().transform(value => value ?? fallback)
}

export const size = (fallback: number) => withDefault(whole(), fallback)

export const positive = (fallback: number) =>
  withDefault(z.number('a number above 0').positive('a number above 0'), fallback)

/** A side in pixels, or two equal ones. */
export const side = (fallback: number) =>
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

type Rgb = readonly [number, number, number]

export const CLIP_MEAN: Rgb = [0.48145466, 0.4578275, 0.40821073]
export const CLIP_STD: Rgb = [0.26862954, 0.26130258, 0.27577711]

export const meanOf = (fallback: Rgb) => rgb(z.number('three numbers'), fallback)
export const stdOf = (fallback: Rgb) => rgb(z.number('three numbers').positive('three numbers'), fallback)

const rgb = (channel: z.ZodNumber, fallback: Rgb) =>
  withDefault(z.tuple([channel, channel, channel], 'three numbers').readonly(), fallback)

export const channels = z.literal(3, CHANNELS).nullish()

/** PyTorch's names of the activations. */
const ACTIVATIONS: ReadonlyMap<unknown, Activation> = new Map([
  ['quick_gelu', 'quick_gelu'],
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
])

export interface TowerDefaults {
  readonly width: number
  readonly mlpWidth: number
  readonly heads: number
  readonly activation: Activation
  readonly epsilon: number
}

/** A tower of transformers. */
export const towerShape = (defaults: TowerDefaults) => ({
  hidden_size: size(defaults.width),
  num_attention_heads: size(defaults.heads),
  hidden_act: z
    .unknown()
    .optional()
    .transform((name, context) => {
      const activation = name === undefined || name === null ? defaults.activation : ACTIVATIONS.get(name)
      if (activation === undefined) context.addIssue({ code: 'custom', message: ACTIVATION })
      return activation ?? defaults.activation
    }),
  num_hidden_layers: size(12),
  intermediate_size: size(defaults.mlpWidth),
  layer_norm_eps: positive(defaults.epsilon),
})

type Tower = z.output<z.ZodObject<ReturnType<typeof towerShape>>>

export function towerOf(tower: Tower) {
  return {
    width: tower.hidden_size,
    heads: tower.num_attention_heads,
    activation: tower.hidden_act,
    layers: tower.num_hidden_layers,
    mlpWidth: tower.intermediate_size,
    epsilon: tower.layer_norm_eps,
  }
}

export function requireWholeHeads(tower: Tower, context: z.RefinementCtx): void {
  const { hidden_size, num_attention_heads: heads } = tower
  if (hidden_size % heads !== 0) refuse(context, 'hidden_size', `a multiple of num_attention_heads (${heads})`)
}

export function requireToken(
  id: unknown,
  { key, vocabSize }: { key: string; vocabSize: number },
  context: z.RefinementCtx,
): void {
  const isToken = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id < vocabSize
  if (id !== null && id !== undefined && !isToken) refuse(context, key, `a token below vocab_size (${vocabSize})`)
}

export function refuse(context: z.RefinementCtx, key: string, expected: string): void {
  context.addIssue({ code: 'custom', path: [key], message: expected })
}
