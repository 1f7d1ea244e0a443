/** The card of a model directory (model.json) and the sidecar of each variant (<variant>.json): types, reading, writing. */

import { join } from 'node:path'
import type { Calibration } from '../types.ts'
import { atomicWrite } from '../util/atomicWrite.ts'
import { WatchwordError } from '../util/errors.ts'
import { readJson } from '../util/readFile.ts'

export interface ModelCard {
  /** Short name: 'clip-vit-base-patch32'. */
  readonly name: string
  /** Where it came from, for people: a folder or a hub's address. Never a secret. */
  readonly source: string
  /** Commit of the hub's repository; null for a local folder. */
  readonly revision: string | null
  /** sha256 (hex) of the weights it was made from. */
  readonly sourceSha256: string
  /** Side of the square input in pixels. */
  readonly imageSize: number
  readonly patchSize: number
  readonly embedDim: number
  /** Tokens a prompt may have, start and end included. */
  readonly contextLength: number
  readonly vocabSize: number
  /** The end token at whose first place the text is read. */
  readonly eosTokenId: number
  /** e^logit_scale: 100 for OpenAI's. */
  readonly logitScale: number
  /** Per RGB channel, for pixels in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  readonly tokenizer: 'clip-bpe'
  readonly vision: {
    /** `pixels`: uint8 [batch, size, size, 3]; `pixel_values`: float32 [batch, 3, size, size], normalised. */
    readonly input: 'pixels' | 'pixel_values'
  }
  readonly parameters: { readonly vision: number; readonly text: number }
}

export interface VariantCard {
  readonly variant: string
  /** How it was made: ['fp32'], ['slim 50 %', 'int8']. */
  readonly recipe: readonly string[]
  /** The ONNX file's name in the model directory. */
  readonly file: string
  /** Size on disk, external data included. */
  readonly bytes: number
  /** sha256 (hex) of the ONNX file, followed by its external data if it has some. */
  readonly sha256: string
  readonly sourceSha256: string
  readonly parameters: { readonly total: number; readonly nonZero: number }
  /** 1 − nonZero / total: [0, 1]. */
  readonly sparsity: number
  /** To the fp32 embeddings on real frames; null until measured. */
  readonly cosine: { readonly mean: number; readonly min: number; readonly frames: number } | null
  /** Share of event decisions equal to fp32's, [0, 1]; null until measured. */
  readonly agreement: number | null
  readonly calibration: Calibration
  /** The machine that measured. */
  readonly cpu: { readonly model: string; readonly flags: readonly string[] }
  /** 'watchword 0.1.0' */
  readonly createdBy: string
}

/** @throws WatchwordError `model-missing`, `model-card-invalid` */
export async function readModelCard(modelDir: string): Promise<ModelCard> {
  const path = join(modelDir, 'model.json')
  const card = await readCard(path, 'Make the directory with `watchword optimize`, or name another one')
  return check(path, card, MODEL_CARD) as unknown as ModelCard
}

/** @throws WatchwordError `unwritable`, `disk-full` */
export async function writeModelCard(modelDir: string, card: ModelCard): Promise<void> {
  await atomicWrite(join(modelDir, 'model.json'), `${JSON.stringify(card, null, 2)}\n`)
}

/** @throws WatchwordError `model-missing`, `model-card-invalid` */
export async function readVariantCard(modelDir: string, variant: string): Promise<VariantCard> {
  const path = join(modelDir, `${variant}.json`)
  const card = await readCard(path, `Make the variant with \`watchword optimize --variants ${variant}\``)
  return check(path, card, VARIANT_CARD) as unknown as VariantCard
}

/** @throws WatchwordError `unwritable`, `disk-full` */
export async function writeVariantCard(modelDir: string, card: VariantCard): Promise<void> {
  await atomicWrite(join(modelDir, `${card.variant}.json`), `${JSON.stringify(card, null, 2)}\n`)
}

/** The name of a variant's ONNX file. */
export function visionFile(variant: string): string {
  return `vision.${variant}.onnx`
}

interface Check {
  readonly is: (value: unknown) => boolean
  readonly what: string
}
type Shape = { readonly [key: string]: Check | Shape }

const text: Check = { is: v => typeof v === 'string' && v !== '', what: 'text' }
const textOrNull: Check = { is: v => v === null || typeof v === 'string', what: 'text or null' }
const sha: Check = { is: v => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v), what: '64 hex digits' }
const count: Check = { is: v => Number.isSafeInteger(v) && (v as number) >= 0, what: 'a whole number of at least 0' }
const size: Check = { is: v => Number.isSafeInteger(v) && (v as number) > 0, what: 'a whole number above 0' }
const positive: Check = { is: v => Number.isFinite(v) && (v as number) > 0, what: 'a number above 0' }
const finite: Check = { is: v => Number.isFinite(v), what: 'a number' }
const share: Check = { is: v => inUnit(v), what: 'a number in [0, 1]' }
const shareOrNull: Check = { is: v => v === null || inUnit(v), what: 'a number in [0, 1] or null' }
const texts: Check = { is: v => Array.isArray(v) && v.every(each => typeof each === 'string'), what: 'a list of texts' }
const rgb: Check = {
  is: v => Array.isArray(v) && v.length === 3 && v.every(each => Number.isFinite(each)),
  what: 'three numbers',
}
const cosines: Check = {
  is: v =>
    v === null || (isRecord(v) && Number.isFinite(v.mean) && Number.isFinite(v.min) && Number.isSafeInteger(v.frames)),
  what: '{mean, min, frames} or null',
}

const MODEL_CARD: Shape = {
  name: text,
  source: text,
  revision: textOrNull,
  sourceSha256: sha,
  imageSize: size,
  patchSize: size,
  embedDim: size,
  contextLength: size,
  vocabSize: size,
  eosTokenId: count,
  logitScale: positive,
  mean: rgb,
  std: rgb,
  tokenizer: { is: v => v === 'clip-bpe', what: "'clip-bpe'" },
  vision: { input: { is: v => v === 'pixels' || v === 'pixel_values', what: "'pixels' or 'pixel_values'" } },
  parameters: { vision: count, text: count },
}

const VARIANT_CARD: Shape = {
  variant: text,
  recipe: texts,
  file: { is: v => typeof v === 'string' && /^[^/\\]+\.onnx$/.test(v), what: 'a file name ending in .onnx' },
  bytes: count,
  sha256: sha,
  sourceSha256: sha,
  parameters: { total: count, nonZero: count },
  sparsity: share,
  cosine: cosines,
  agreement: shareOrNull,
  calibration: { centre: finite, width: positive },
  cpu: { model: { is: v => typeof v === 'string', what: 'text' }, flags: texts },
  createdBy: text,
}

async function readCard(path: string, hint: string): Promise<unknown> {
  return readJson(path).catch(cause => {
    if (!(cause instanceof WatchwordError)) throw cause
    const code = cause.code === 'json-invalid' ? 'model-card-invalid' : 'model-missing'
    throw new WatchwordError(cause.message, { code, hint, cause })
  })
}

function check(path: string, value: unknown, shape: Shape, prefix = ''): Record<string, unknown> {
  if (!isRecord(value)) throw invalid(path, prefix.slice(0, -1), 'an object', value)
  for (const [key, expected] of Object.entries(shape)) {
    if (!isCheck(expected)) check(path, value[key], expected, `${prefix}${key}.`)
    else if (!expected.is(value[key])) throw invalid(path, `${prefix}${key}`, expected.what, value[key])
  }
  return value
}

function invalid(path: string, key: string, what: string, got: unknown): WatchwordError {
  const subject = key === '' ? 'the file' : `\`${key}\``
  const shown = got === undefined ? 'nothing' : JSON.stringify(got)?.slice(0, 80)
  return new WatchwordError(`Expected ${subject} to be ${what} in ${path}, got ${shown}`, {
    code: 'model-card-invalid',
  })
}

function isCheck(value: Check | Shape): value is Check {
  return typeof value.is === 'function'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function inUnit(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}
