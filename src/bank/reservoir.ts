/** A bounded sample of a camera's own embeddings, spread over lights and times of day. */

import type { Light } from '../types.ts'
import { float16ToFloat32, float32ToFloat16 } from '../util/float16.ts'
import { dot } from '../util/vector.ts'

export interface BankEntry {
  /** [dim] float16, L2-normalised. */
  readonly vector: Uint16Array
  /** Capture time, ms since the epoch. */
  readonly at: number
  readonly light: Light
  /** Names of the events that scored SHOWN or more. */
  readonly events: readonly string[]
}

/** A frame that may become an entry. */
export interface Candidate {
  /** [dim] float32, L2-normalised. */
  readonly embedding: Float32Array
  readonly at: number
  readonly light: Light
  /** Event name → score, [0, 1]. */
  readonly scores: Readonly<Record<string, number>>
}

export interface Reservoir {
  /** In order of admission. */
  readonly entries: readonly BankEntry[]
  readonly counts: Readonly<Record<Light, number>>
  /** Entries ever admitted in this light, evicted ones included. */
  readonly admitted: Readonly<Record<Light, number>>
  /** Images that were due but looked like a recent entry. */
  readonly known: number
  /** The newest entries, for the test of novelty. */
  readonly recent: readonly RecentEntry[]
}

interface RecentEntry {
  readonly vector: Float32Array
  readonly at: number
  readonly light: Light
}

export const LIGHTS = ['day', 'night', 'infrared'] as const satisfies readonly Light[]

/** 1,000 vectors of 512 float16 are 1 MB per camera. */
export const CAPACITY = 1000
/** No light holds more while another one has entries: a long summer's days must not push out the night. */
export const LIGHT_CAPACITY = 600
/** ms between two entries of a light: at first to learn within minutes, later so that the entries cover hours. */
const FIRST_INTERVAL_MS = 2000
const LAST_INTERVAL_MS = 60_000
/** An image that looks like a recent entry is admitted after this time all the same while its light has few. */
const KNOWN_INTERVAL_MS = 60_000
const FEW = 60
/** An image with this cosine to a recent entry of the same light shows nothing new. */
const KNOWN_COSINE = 0.997
const RECENT = 16
/** An event with this score counts as shown by the image. */
const SHOWN = 0.5
/** Deviation of the squared length from 1 that rounding explains. */
const LENGTH_TOLERANCE = 0.02
const HOUR_MS = 3_600_000
const HOURS = 24

const NONE: Readonly<Record<Light, number>> = { day: 0, night: 0, infrared: 0 }
export const EMPTY_RESERVOIR: Reservoir = { entries: [], counts: NONE, admitted: NONE, known: 0, recent: [] }

/**
 * Admits the candidate if its time has come and it shows something new.
 * @param dim length that every vector must have
 */
export function admit(reservoir: Reservoir, candidate: Candidate, dim: number): Reservoir {
  const { embedding, at, light, scores } = candidate
  if (!isDue(reservoir, light, at) || !isVector(embedding, dim)) return reservoir
  if (isKnown(reservoir, candidate)) return { ...reservoir, known: reservoir.known + 1 }
  const events = Object.entries(scores).flatMap(([event, score]) => (score >= SHOWN ? [event] : []))
  return insert(reservoir, { vector: float32ToFloat16(embedding), at, light, events })
}

/** Adds an entry, and evicts one when there are too many. */
export function insert(reservoir: Reservoir, entry: BankEntry): Reservoir {
  const { light } = entry
  const counts = { ...reservoir.counts, [light]: reservoir.counts[light] + 1 }
  const entries = [...reservoir.entries, entry]
  const crowded = crowdedLight(counts, light)
  if (crowded !== null) {
    entries.splice(evicted(entries, crowded), 1)
    counts[crowded] -= 1
  }
  return {
    entries,
    counts,
    admitted: { ...reservoir.admitted, [light]: reservoir.admitted[light] + 1 },
    known: reservoir.known,
    recent: [...reservoir.recent.slice(1 - RECENT), recentOf(entry)],
  }
}

/** A reservoir of entries that were one before. @param entries at most CAPACITY */
export function reservoirOf(
  entries: readonly BankEntry[],
  { admitted, known }: Pick<Reservoir, 'admitted' | 'known'>,
): Reservoir {
  const counts = { ...NONE }
  for (const { light } of entries) counts[light] += 1
  return { entries, counts, admitted, known, recent: entries.slice(-RECENT).map(recentOf) }
}

function recentOf({ vector, at, light }: BankEntry): RecentEntry {
  return { vector: float16ToFloat32(vector), at, light }
}

/** A vector that an encoder can return: of the right length, and neither NaN nor zero. */
export function isVector(vector: Float32Array, dim: number): boolean {
  return vector.length === dim && Math.abs(dot(vector, vector) - 1) <= LENGTH_TOLERANCE
}

/** The least time between two entries of a light that has this many, ms. */
export function intervalMs(count: number): number {
  return FIRST_INTERVAL_MS * (LAST_INTERVAL_MS / FIRST_INTERVAL_MS) ** Math.min(1, count / LIGHT_CAPACITY)
}

function isDue({ recent, counts }: Reservoir, light: Light, at: number): boolean {
  const last = lastOf(recent, light)
  // A clock that jumped back makes an image due as well.
  return last === undefined || Math.abs(at - last.at) >= intervalMs(counts[light])
}

function isKnown({ recent, counts }: Reservoir, { embedding, light, at }: Candidate): boolean {
  const last = lastOf(recent, light)
  if (last === undefined) return false
  if (counts[light] < FEW && Math.abs(at - last.at) >= KNOWN_INTERVAL_MS) return false
  return recent.some(entry => entry.light === light && dot(entry.vector, embedding) >= KNOWN_COSINE)
}

function lastOf(recent: readonly RecentEntry[], light: Light): RecentEntry | undefined {
  return recent.findLast(entry => entry.light === light)
}

/** The light that must lose an entry after one was added, null for none. */
function crowdedLight(counts: Readonly<Record<Light, number>>, added: Light): Light | null {
  const total = LIGHTS.reduce((sum, light) => sum + counts[light], 0)
  if (counts[added] > LIGHT_CAPACITY && counts[added] < total) return added
  if (total <= CAPACITY) return null
  return LIGHTS.reduce((most, light) => (counts[light] > counts[most] ? light : most))
}

/** The oldest entry of the hour of the day that has the most; of two such hours, the one with the older entry. */
function evicted(entries: readonly BankEntry[], light: Light): number {
  const perHour = new Map<number, number>()
  for (const entry of entries)
    if (entry.light === light) perHour.set(hourOf(entry), (perHour.get(hourOf(entry)) ?? 0) + 1)
  const most = Math.max(...perHour.values())
  return entries.findIndex(entry => entry.light === light && perHour.get(hourOf(entry)) === most)
}

/** Hour of the day in UTC, 0 to 23; also for times before the epoch. */
function hourOf({ at }: BankEntry): number {
  return ((Math.floor(at / HOUR_MS) % HOURS) + HOURS) % HOURS
}
