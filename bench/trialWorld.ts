/** Simulated weeks of scored moments: quiet hours, objects that are mistaken for the event, and true ones. */

import { wholeView } from '../src/operators/views/wholeView.ts'
import type { ScoredFrame } from '../src/types.ts'
import { createRandom, type Random } from '../src/util/random.ts'
import { normalize, sigmoid } from '../src/util/vector.ts'
import { frame } from '../test/support/frames.ts'

export interface Episode {
  readonly camera: string
  readonly from: number
  readonly to: number
  readonly isTrue: boolean
}

export interface SimulatedWeek {
  readonly episodes: readonly Episode[]
  /** In order of time for each camera. */
  frames(): Iterable<ScoredFrame>
}

export interface SimulatedPlace {
  /** Alarms a day that the person wants at most: above the rate of true ones. */
  readonly budget: number
  readonly past: SimulatedWeek
  readonly future: SimulatedWeek
}

export const EVENT = 'van'
const DAY = 86_400_000
/** A Monday. */
const ORIGIN = Math.floor(Date.UTC(2026, 10, 2) / DAY)
const DIM = 24
/** Frames of quiet hours: nearer than the gap after which state starts again. */
const QUIET_EVERY_MS = 20_000

/** What one kind of object does to the score, and how often it comes. */
interface Kind {
  readonly camera: string
  readonly isTrue: boolean
  /** Log-odds of the score at its peak: mean and deviation over its visits. */
  readonly strength: number
  readonly deviation: number
  readonly perDay: number
  /** Hours of the day in which it comes. */
  readonly hours: readonly [number, number]
  /** Factor on Saturday and Sunday. */
  readonly weekend: number
  /** Deviation of a day's rate, natural logarithm. */
  readonly restlessness: number
  /** Factor from one week to the next. */
  readonly drift: number
  readonly look: Float32Array
}

export function simulatePlace(seed: string): SimulatedPlace {
  const random = createRandom(seed)
  const kinds = kindsOf(random.fork('kinds'))
  const trueRate = kinds.filter(({ isTrue }) => isTrue).reduce((sum, kind) => sum + meanRate(kind), 0)
  return {
    budget: Math.max(1, Math.ceil(trueRate * 1.4)),
    past: simulateWeek(kinds, 0, random.fork('past')),
    future: simulateWeek(kinds, 1, random.fork('future')),
  }
}

/** One or two cameras; the event on each, and two to four kinds of other objects. */
function kindsOf(random: Random): Kind[] {
  const cameras = random.chance(0.5) ? ['gate'] : ['gate', 'yard']
  return cameras.flatMap(camera => {
    const others = random.integer(2, 4)
    const start = random.between(0, 14)
    const shared = () => ({
      camera,
      hours: [start, start + random.between(6, 10)] as const,
      weekend: random.pick([0.3, 1, 1, 2]),
      restlessness: random.between(0, 0.5),
      drift: Math.exp(random.normal(0, 0.15)),
      look: look(random),
    })
    return [
      {
        ...shared(),
        isTrue: true,
        strength: random.between(2.2, 3.6),
        deviation: random.between(0.5, 1),
        perDay: random.between(0.3, 1.5),
      },
      ...Array.from({ length: others }, () => ({
        ...shared(),
        isTrue: false,
        strength: random.between(-2.5, 0.8),
        deviation: random.between(0.4, 0.9),
        perDay: Math.exp(random.between(Math.log(0.5), Math.log(40))),
      })),
    ]
  })
}

function meanRate({ perDay, weekend }: Kind): number {
  return (perDay * (5 + 2 * weekend)) / 7
}

interface Visit extends Episode {
  readonly peak: number
  readonly embedding: Float32Array
}

function simulateWeek(kinds: readonly Kind[], week: number, random: Random): SimulatedWeek {
  const visits = kinds.flatMap((kind, i) => visitsOf(kind, week, random.fork(`kind ${i}`)))
  return {
    episodes: visits,
    *frames() {
      for (const camera of new Set(kinds.map(one => one.camera))) {
        const own = visits.filter(visit => visit.camera === camera).sort((a, b) => a.from - b.from)
        yield* framesOf(camera, own, { week, random: random.fork(`frames ${camera}`) })
      }
    },
  }
}

function visitsOf(kind: Kind, week: number, random: Random): Visit[] {
  const visits: Visit[] = []
  for (let day = 0; day < 7; day++) {
    const weekend = day >= 5 ? kind.weekend : 1
    const restless = Math.exp(random.normal(-(kind.restlessness ** 2) / 2, kind.restlessness))
    const rate = kind.perDay * weekend * restless * (week === 0 ? 1 : kind.drift)
    const hours = kind.hours[1] - kind.hours[0]
    // Poisson: waiting times are exponential.
    for (let at = waiting(random); at < rate; at += waiting(random)) {
      const from = (ORIGIN + week * 7 + day) * DAY + (kind.hours[0] + (at / rate) * hours) * 3_600_000
      const embedding = normalize(kind.look.map(value => value + random.normal(0, 0.12)))
      const peak = random.normal(kind.strength, kind.deviation)
      visits.push({
        camera: kind.camera,
        isTrue: kind.isTrue,
        from,
        to: from + random.between(8, 60) * 1000,
        peak,
        embedding,
      })
    }
  }
  return visits
}

function waiting(random: Random): number {
  return -Math.log(1 - random.next())
}

interface FilmOptions {
  readonly week: number
  readonly random: Random
}

/** One frame a second while something is there, fewer while nothing is. */
function* framesOf(camera: string, visits: readonly Visit[], { week, random }: FilmOptions): Iterable<ScoredFrame> {
  const end = (ORIGIN + week * 7 + 7) * DAY
  const quiet = look(random)
  let next = 0
  let present: Visit[] = []
  for (let at = (ORIGIN + week * 7) * DAY; at < end; ) {
    while (next < visits.length && (visits[next] as Visit).from <= at) present.push(visits[next++] as Visit)
    present = present.filter(({ to }) => to + 5000 > at)
    const shown = present.filter(({ to }) => to > at)
    const strongest = shown.reduce<Visit | null>(
      (best, visit) => (best === null || visit.peak > best.peak ? visit : best),
      null,
    )
    const usual = random.normal(-3, 0.3)
    const odds = strongest === null ? usual : Math.max(usual, strongest.peak - ripple(strongest, at, random))
    yield scored(camera, at, { score: sigmoid(odds), embedding: strongest?.embedding ?? quiet })
    const coming = visits[next]?.from ?? end
    at =
      present.length > 0
        ? at + 1000
        : Math.min(at + QUIET_EVERY_MS, Math.max(at + 1000, Math.ceil(coming / 1000) * 1000))
  }
}

/** It comes nearer and goes, and the score trembles. */
function ripple({ from, to }: Visit, at: number, random: Random): number {
  const place = (at - from) / (to - from)
  return 3 * (2 * place - 1) ** 4 + Math.abs(random.normal(0, 0.2))
}

function look(random: Random): Float32Array {
  return normalize(Float32Array.from({ length: DIM }, () => random.normal(0, 1)))
}

interface Shown {
  readonly score: number
  readonly embedding: Float32Array
}

function scored(camera: string, at: number, { score, embedding }: Shown): ScoredFrame {
  const seen = frame(camera, at)
  const scores = { [EVENT]: score }
  const view = { view: wholeView(seen), pixels: null, embedding, scores, rawScores: scores, judgements: {} }
  return { kind: 'frame', frame: seen, variant: 'simulated', scores, rawScores: scores, views: [view] }
}
