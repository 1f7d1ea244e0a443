/** config.json of a Hugging Face CLIPModel, with the defaults transformers has and the traps published ones set. */

import { basename, join, resolve } from 'node:path'
import type { ErrorCode } from '../util/errorCodes.ts'
import { WatchwordError } from '../util/errors.ts'
import { readJson, readJsonIfThere } from './read.ts'

const END_OF_TEXT = '<|endoftext|>'

export interface TowerConfig {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly mlpWidth: number
  readonly activation: 'quick_gelu' | 'gelu'
  /** Of every layer norm. */
  readonly epsilon: number
}

export interface ClipConfig {
  readonly name: string
  /** Length of an embedding. */
  readonly embedDim: number
  readonly vision: TowerConfig & { readonly imageSize: number; readonly patchSize: number }
  readonly text: TowerConfig & {
    readonly vocabSize: number
    readonly contextLength: number
    /** A text is read at the first place of this token. */
    readonly eosTokenId: number
  }
  /** Per RGB channel, for pixels in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/**
 * Of config.json, preprocessor_config.json and vocab.json in a folder; only the first must be there.
 * @throws WatchwordError `file-unreadable`, `json-invalid`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`
 */
export async function readClipConfig(dir: string): Promise<ClipConfig> {
  return parseClipConfig({
    path: join(dir, 'config.json'),
    name: basename(resolve(dir)),
    config: await readJson(join(dir, 'config.json')),
    preprocessor: await readJsonIfThere(join(dir, 'preprocessor_config.json')),
    vocab: await readJsonIfThere(join(dir, 'vocab.json')),
  })
}

export interface ClipFiles {
  /** Of config.json, for messages. */
  readonly path: string
  /** When the file does not name itself. */
  readonly name: string
  /** Contents as parsed; null for files that are not there. */
  readonly config: unknown
  readonly preprocessor: unknown
  readonly vocab: unknown
}

/** @throws WatchwordError `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported` */
export function parseClipConfig({ path, name, config, preprocessor, vocab }: ClipFiles): ClipConfig {
  const root = fieldsOf(path, config, '')
  refuseOthers(path, root.value)
  const vision = towerFields(path, root.value, 'vision')
  const text = towerFields(path, root.value, 'text')
  const vocabSize = text.size('vocab_size', 49408)
  const images = fieldsOf(path.replace(/config\.json$/, 'preprocessor_config.json'), preprocessor ?? {}, '')
  return {
    name: nameOf(root.value) ?? name,
    embedDim: root.size('projection_dim', 512),
    vision: {
      ...tower(vision, { width: 768, mlpWidth: 3072, heads: 12 }),
      ...picture(vision),
    },
    text: {
      ...tower(text, { width: 512, mlpWidth: 2048, heads: 8 }),
      vocabSize,
      contextLength: text.size('max_position_embeddings', 77),
      eosTokenId: endToken(text, vocabSize, vocab),
    },
    mean: images.rgb('image_mean', [0.48145466, 0.4578275, 0.40821073]),
    std: images.rgb('image_std', [0.26862954, 0.26130258, 0.27577711]),
  }
}

function refuseOthers(path: string, root: Readonly<Record<string, unknown>>): void {
  const type = root.model_type
  if (type === 'clip') return
  const openClip = 'vision_cfg' in root || 'model_cfg' in root
  const got = openClip ? "OpenCLIP's own format" : type === undefined ? 'no model_type' : `model_type ${quote(type)}`
  throw new WatchwordError(`Expected a CLIPModel checkpoint (model_type "clip") in ${path}, got ${got}`, {
    code: 'checkpoint-not-clip',
    hint: openClip ? 'Take the Hugging Face form of the model' : 'Give a CLIP checkpoint with ViT towers',
  })
}

/** `<tower>_config_dict`, where old files have it, replaces `<tower>_config` whole: so does transformers. */
function towerFields(path: string, root: Readonly<Record<string, unknown>>, which: 'vision' | 'text'): Fields {
  const key = isRecord(root[`${which}_config_dict`]) ? `${which}_config_dict` : `${which}_config`
  return fieldsOf(path, root[key] ?? {}, `${key}.`)
}

function tower(fields: Fields, defaults: { width: number; mlpWidth: number; heads: number }): TowerConfig {
  const width = fields.size('hidden_size', defaults.width)
  const heads = fields.size('num_attention_heads', defaults.heads)
  if (width % heads !== 0) throw fields.wrong('hidden_size', `a multiple of num_attention_heads (${heads})`)
  const activation = fields.value.hidden_act ?? 'quick_gelu'
  if (activation !== 'quick_gelu' && activation !== 'gelu') {
    throw fields.wrong('hidden_act', '"quick_gelu" or "gelu"', 'checkpoint-unsupported')
  }
  return {
    width,
    heads,
    activation,
    layers: fields.size('num_hidden_layers', 12),
    mlpWidth: fields.size('intermediate_size', defaults.mlpWidth),
    epsilon: fields.positive('layer_norm_eps', 1e-5),
  }
}

function picture(fields: Fields): { imageSize: number; patchSize: number } {
  const imageSize = fields.side('image_size', 224)
  const patchSize = fields.side('patch_size', 32)
  if (imageSize % patchSize !== 0) throw fields.wrong('image_size', `a multiple of patch_size (${patchSize})`)
  if (fields.size('num_channels', 3) !== 3) throw fields.wrong('num_channels', '3', 'checkpoint-unsupported')
  return { imageSize, patchSize }
}

/**
 * Files from before transformers 4.31 say 2 where the tokenizer ends texts with 49407, its highest id
 * (https://github.com/huggingface/transformers/pull/24773); the vocabulary knows better.
 */
function endToken(fields: Fields, vocabSize: number, vocab: unknown): number {
  const written = fields.value.eos_token_id
  const first = Array.isArray(written) ? written[0] : written
  if (first === 2 || first === undefined || first === null) return endOfVocabulary(vocab, vocabSize)
  if (Number.isSafeInteger(first) && first >= 0 && first < vocabSize) return first
  throw fields.wrong('eos_token_id', `a token below vocab_size (${vocabSize})`)
}

function endOfVocabulary(vocab: unknown, vocabSize: number): number {
  const id = isRecord(vocab) ? vocab[END_OF_TEXT] : vocabSize - 1
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id < vocabSize) return id
  throw new WatchwordError(
    `Expected ${END_OF_TEXT} in vocab.json to be a token below vocab_size (${vocabSize}), got ${quote(id)}`,
    { code: 'checkpoint-config', hint: 'vocab.json and config.json do not belong together' },
  )
}

function nameOf(root: Readonly<Record<string, unknown>>): string | null {
  const name = root._name_or_path
  return typeof name === 'string' && name !== '' ? (name.split('/').at(-1) ?? null) : null
}

interface Fields {
  readonly value: Readonly<Record<string, unknown>>
  /** A whole number above 0. */
  size(key: string, fallback: number): number
  positive(key: string, fallback: number): number
  /** A side in pixels, or two equal ones. */
  side(key: string, fallback: number): number
  rgb(key: string, fallback: readonly [number, number, number]): readonly [number, number, number]
  wrong(key: string, expected: string, code?: ErrorCode): WatchwordError
}

function fieldsOf(path: string, value: unknown, prefix: string): Fields {
  const wrong = (key: string, expected: string, code: ErrorCode = 'checkpoint-config') => {
    const got = quote(isRecord(value) ? value[key] : value)
    return new WatchwordError(`Expected \`${prefix}${key}\` to be ${expected} in ${path}, got ${got}`, { code })
  }
  if (!isRecord(value)) {
    const subject = prefix === '' ? 'the file' : `\`${prefix.slice(0, -1)}\``
    throw new WatchwordError(`Expected ${subject} to be an object in ${path}, got ${quote(value)}`, {
      code: 'checkpoint-config',
    })
  }
  const size = (key: string, fallback: number) => {
    const got = value[key] ?? fallback
    if (typeof got === 'number' && Number.isSafeInteger(got) && got > 0 && got < 2 ** 31) return got
    throw wrong(key, 'a whole number above 0')
  }
  return {
    value,
    wrong,
    size,
    positive: (key, fallback) => {
      const got = value[key] ?? fallback
      if (typeof got === 'number' && got > 0) return got
      throw wrong(key, 'a number above 0')
    },
    side: (key, fallback) => {
      const got = value[key]
      if (!Array.isArray(got)) return size(key, fallback)
      if (got.length === 2 && got[0] === got[1] && Number.isSafeInteger(got[0]) && got[0] > 0) return got[0]
      throw wrong(key, 'one side of a square', 'checkpoint-unsupported')
    },
    rgb: (key, fallback) => {
      const got = value[key] ?? fallback
      const isRgb = Array.isArray(got) && got.length === 3 && got.every(each => typeof each === 'number')
      if (!isRgb || (key === 'image_std' && got.some(each => each <= 0))) throw wrong(key, 'three numbers')
      return got as [number, number, number]
    },
  }
}

function quote(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
