import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  admit,
  type BankEntry,
  CAPACITY,
  EMPTY_RESERVOIR,
  insert,
  intervalMs,
  LIGHT_CAPACITY,
  LIGHTS,
  type Reservoir,
} from '../../src/bank/reservoir.ts'
import type { Light } from '../../src/types.ts'
import { float32ToFloat16 } from '../../src/util/float16.ts'
import { createRandom } from '../../src/util/random.ts'
import { axis, DIM, sceneImage } from '../support/embeddings.ts'

const HOUR = 3_600_000
const VECTOR = float32ToFloat16(axis(0))
const entryAt = (at: number, light: Light = 'day'): BankEntry => ({ vector: VECTOR, at, light, events: [] })
const fill = (reservoir: Reservoir, count: number, light: Light, from = 0, stepMs = 60_000) => {
  let filled = reservoir
  for (let i = 0; i < count; i++) filled = insert(filled, entryAt(from + i * stepMs, light))
  return filled
}

/** Offers an image at each time; a different one each time unless `embedding` is set. */
function offer(reservoir: Reservoir, times: readonly number[], embedding?: Float32Array, light: Light = 'day') {
  return times.reduce((before, at) => {
    const image = embedding ?? sceneImage(createRandom(`offer/${at}`), { noise: 0.2 })
    return admit(before, { embedding: image, at, light, scores: {} }, DIM)
  }, reservoir)
}

describe('admission', () => {
  test('at most one image in two seconds, later one in a minute', () => {
    const reservoir = offer(EMPTY_RESERVOIR, [0, 500, 1000, 1500, 1999, 2100, 2200, 4300])
    expect(reservoir.entries.map(({ at }) => at)).toEqual([0, 2100, 4300])
    expect(intervalMs(0)).toBe(2000)
    expect(intervalMs(LIGHT_CAPACITY)).toBeCloseTo(60_000, 6)
    expect(intervalMs(CAPACITY)).toBeCloseTo(60_000, 6)
  })

  test('sixty images are reached within three minutes', () => {
    const times = Array.from({ length: 360 }, (_, i) => i * 500)
    expect(offer(EMPTY_RESERVOIR, times).entries.length).toBeGreaterThanOrEqual(60)
  })

  test('an image like a recent one is counted, not stored; after a minute it is stored while there are few', () => {
    const scene = sceneImage(createRandom('scene'))
    const early = offer(EMPTY_RESERVOIR, [0, 3000, 6000, 59_999], scene)
    expect([early.entries.length, early.known]).toEqual([1, 3])
    expect(offer(early, [60_000], scene).entries).toHaveLength(2)
    const many = fill(EMPTY_RESERVOIR, 60, 'day')
    const later = offer(many, [60 * 60_000 + HOUR], axis(0))
    expect(later.entries).toHaveLength(60)
  })

  test('each light has its own pace and its own known images', () => {
    const scene = sceneImage(createRandom('scene'))
    const day = offer(EMPTY_RESERVOIR, [0], scene)
    expect(offer(day, [100], scene, 'infrared').counts).toEqual({ day: 1, night: 0, infrared: 1 })
  })

  test('a clock that is set back by hours does not stop it', () => {
    const reservoir = offer(EMPTY_RESERVOIR, [10 * HOUR, 2 * HOUR, 2 * HOUR + 3000])
    expect(reservoir.entries).toHaveLength(3)
  })

  test.each([
    ['NaN', axis(0).fill(Number.NaN)],
    ['a NaN among numbers', axis(0).with(5, Number.NaN)],
    ['infinity', axis(0).with(5, Number.POSITIVE_INFINITY)],
    ['zero', new Float32Array(DIM)],
    ['a shorter vector', axis(0, DIM - 1)],
    ['a longer vector', axis(0, DIM + 1)],
    ['no vector', new Float32Array(0)],
    ['a vector that is not normalised', axis(0).fill(1)],
  ])('%s never enters', (_, embedding) => {
    expect(offer(EMPTY_RESERVOIR, [0, 5000], embedding)).toEqual(EMPTY_RESERVOIR)
  })

  test('remembers the events that scored 0.5 or more', () => {
    const scores = { car: 0.5, person: 0.49, dog: 1, broken: Number.NaN }
    const reservoir = admit(EMPTY_RESERVOIR, { embedding: axis(1), at: 0, light: 'day', scores }, DIM)
    expect(reservoir.entries[0]?.events).toEqual(['car', 'dog'])
  })
})

function isBounded({ entries, counts }: Reservoir, before: Reservoir, light: Light): boolean {
  const isAlone = counts[light] === entries.length
  return entries.length <= CAPACITY && (isAlone || counts[light] <= Math.max(LIGHT_CAPACITY, before.counts[light]))
}

describe('bounds', () => {
  const hoursOf = ({ entries }: Reservoir, light: Light) => {
    const counts = new Map<number, number>()
    for (const entry of entries)
      if (entry.light === light) {
        const hour = Math.floor(entry.at / HOUR) % 24
        counts.set(hour, (counts.get(hour) ?? 0) + 1)
      }
    return counts
  }

  test('one light alone may fill it, spread evenly over the hours of the day', () => {
    const week = fill(EMPTY_RESERVOIR, 7 * 24 * 60, 'day')
    expect(week.entries).toHaveLength(CAPACITY)
    const perHour = [...hoursOf(week, 'day').values()]
    expect(perHour).toHaveLength(24)
    expect(Math.max(...perHour) - Math.min(...perHour)).toBeLessThanOrEqual(1)
    // The newest images are kept: the camera may have been moved.
    expect(Math.min(...week.entries.map(({ at }) => at))).toBeGreaterThan(5 * 24 * HOUR)
  })

  test('a busy hour does not push out the other hours', () => {
    const calm = fill(EMPTY_RESERVOIR, 480, 'day', 0, 3 * 60_000)
    const busy = fill(calm, 5000, 'day', 24 * HOUR + 12 * HOUR, 700)
    const perHour = hoursOf(busy, 'day')
    for (const hour of [0, 5, 11, 18, 23]) expect(perHour.get(hour)).toBe(20)
  })

  test('a light that filled it gives way, down to what the others need', () => {
    let reservoir = fill(EMPTY_RESERVOIR, CAPACITY, 'day')
    reservoir = fill(reservoir, 100, 'night', 100 * HOUR)
    expect(reservoir.counts).toEqual({ day: 900, night: 100, infrared: 0 })
    reservoir = fill(reservoir, 50, 'day', 130 * HOUR)
    expect(reservoir.counts).toEqual({ day: 900, night: 100, infrared: 0 })
    reservoir = fill(reservoir, 2000, 'infrared', 150 * HOUR)
    expect(reservoir.counts.night).toBe(100)
    expect(reservoir.counts.infrared).toBeLessThanOrEqual(LIGHT_CAPACITY)
  })

  test('never more than the capacity; no light grows past 60 % while another has entries; counts are right', () => {
    const runs = fc.array(fc.record({ light: fc.constantFrom(...LIGHTS), count: fc.integer({ min: 1, max: 700 }) }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(runs, steps => {
        let reservoir = EMPTY_RESERVOIR
        const added = steps.flatMap(({ light, count }) => Array.from({ length: count }, () => light))
        for (const [i, light] of added.entries()) {
          const next = insert(reservoir, entryAt(i * 61_000, light))
          if (!isBounded(next, reservoir, light)) throw new Error(`too many after ${i}: ${JSON.stringify(next.counts)}`)
          reservoir = next
        }
        for (const light of LIGHTS)
          expect(reservoir.entries.filter(entry => entry.light === light)).toHaveLength(reservoir.counts[light])
      }),
      { numRuns: 30 },
    )
  })

  test('the same images in the same order give the same bank', () => {
    const times = Array.from({ length: 200 }, (_, i) => i * 4000)
    expect(offer(EMPTY_RESERVOIR, times)).toEqual(offer(EMPTY_RESERVOIR, times))
  })
})
