/**
 * The lines of the answers file: JSON objects whose last key, `crc`, is the CRC-32 of the object without it. A line is an
 * answer, or the removal of one.
 */

import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { float16ToFloat32 } from '../util/float16.ts'
import { parseJson } from '../util/parseJson.ts'
import { dot } from '../util/vector.ts'
import type { Answer, AnsweredImage } from './answer.ts'

/** Increases when an older Watchword would misread a line. */
const VERSION = 1
/** Deviation of the squared length from 1 that rounding explains. */
const LENGTH_TOLERANCE = 0.02

/** What a line says. */
export type AnswerEntry =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'removal'; readonly id: string; readonly removedAt: number }

const name = z.string().min(1).max(200)
const imageSchema = z.object({
  sha256: z.string(),
  variant: z.string(),
  world: z.string(),
  light: z.enum(['day', 'night', 'infrared']),
  /** float16, little-endian, in base64. */
  vector: z.base64(),
})
const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(VERSION),
    kind: z.literal('answer'),
    id: name,
    camera: name,
    event: name,
    yes: z.boolean(),
    answered_at: z.number(),
    is_event: z.boolean(),
    at: z.number(),
    score: z.number().min(0).max(1).nullable(),
    phrases: z.string().nullable(),
    image: imageSchema.nullable(),
  }),
  z.object({ v: z.literal(VERSION), kind: z.literal('removal'), id: name, removed_at: z.number() }),
])
type Line = z.infer<typeof lineSchema>

/** Without a line feed. */
export function answerLine(entry: AnswerEntry): string {
  const json = JSON.stringify(entry.kind === 'answer' ? answerObject(entry.answer) : removalObject(entry))
  return `${json.slice(0, -1)},"crc":"${checksumOf(json)}"}`
}

/** @returns `damaged`: cut short or changed; `unknown`: intact, but not of this version */
export function parseAnswerLine(line: string): AnswerEntry | 'damaged' | 'unknown' {
  const [end, checksum] = /,"crc":"([0-9a-f]{8})"\}$/.exec(line) ?? []
  if (end === undefined) return 'damaged'
  const json = `${line.slice(0, -end.length)}}`
  if (checksumOf(json) !== checksum) return 'damaged'
  const parsed = lineSchema.safeParse(parseJson(json)).data
  return parsed === undefined ? 'unknown' : (entryOf(parsed) ?? 'unknown')
}

function answerObject({ image, answeredAt, isEvent, ...answer }: Answer): Line {
  return {
    v: VERSION,
    kind: 'answer',
    id: answer.id,
    camera: answer.camera,
    event: answer.event,
    yes: answer.yes,
    answered_at: answeredAt,
    is_event: isEvent,
    at: answer.at,
    score: answer.score,
    phrases: answer.phrases,
    image: image && { ...image, vector: base64Of(image.vector) },
  }
}

function removalObject({ id, removedAt }: { readonly id: string; readonly removedAt: number }): Line {
  return { v: VERSION, kind: 'removal', id, removed_at: removedAt }
}

/** @returns null for a vector that no encoder returns */
function entryOf(line: Line): AnswerEntry | null {
  if (line.kind === 'removal') return { kind: 'removal', id: line.id, removedAt: line.removed_at }
  const { id, camera, event, yes, at, score, phrases } = line
  const image = line.image && imageOf(line.image)
  if (line.image !== null && image === null) return null
  const rest = { id, camera, event, yes, at, score, phrases, image }
  return { kind: 'answer', answer: { ...rest, answeredAt: line.answered_at, isEvent: line.is_event } }
}

function imageOf({ vector: base64, ...image }: z.infer<typeof imageSchema>): AnsweredImage | null {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
  if (bytes.length % 2 !== 0) return null
  const vector = new Uint16Array(bytes.buffer)
  const floats = float16ToFloat32(vector)
  return Math.abs(dot(floats, floats) - 1) <= LENGTH_TOLERANCE ? { ...image, vector } : null
}

function base64Of(vector: Uint16Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, '0')
}
