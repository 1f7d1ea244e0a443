import { describe, expect, test } from 'vitest'
import { eventScore, eventScores, learnedFraction } from '../../src/scoring/eventScores.ts'
import { fitQuiet, quietMargin } from '../../src/scoring/fitQuiet.ts'
import { logits } from '../../src/scoring/logits.ts'
import type { EventText, QuietFit } from '../../src/scoringTypes.ts'
import { createRandom, type Random } from '../../src/util/random.ts'
import { normalize } from '../../src/util/vector.ts'

const DIMENSIONS = 32
const LOGIT_SCALE = 100
const axis = (place: number) => Float32Array.from({ length: DIMENSIONS }, (_, i) => (i === place ? 1 : 0))
const event: EventText = { event: 'van', positive: axis(0), contrast: [axis(1), axis(2)], levels: null }

/** An image of the camera: mostly its scene (dimension 3), some noise, and `amount` of the event. */
function image(random: Random, amount = 0): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => random.normal(0, 0.01))
  vector[3]! += 1
  vector[0]! += amount
  return normalize(vector)
}

function images(count: number, seed: string, amount = 0): Float32Array[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => image(random, amount))
}

function scoresOf(vectors: readonly Float32Array[], fit: QuietFit | null): number[] {
  const calibration = { centre: 5, width: 1 }
  return vectors.map(embedding =>
    eventScore(event, { embedding, logit: logits(embedding, LOGIT_SCALE), calibration, fit }),
  )
}

const share = (scores: readonly number[]) => scores.filter(score => score >= 0.5).length / scores.length

test('quiet images score low, the event scores high', () => {
  const fit = fitQuiet(images(200, 'bank'), event, LOGIT_SCALE)
  expect(share(scoresOf(images(500, 'quiet'), fit))).toBeLessThan(0.02)
  expect(share(scoresOf(images(100, 'event', 0.12), fit))).toBe(1)
})

describe.each([0.2, 0.4])('the event in %d of the bank', fraction => {
  test('is still found, and quiet images stay quiet', () => {
    const count = 200
    const bank = [...images(count * (1 - fraction), 'bank'), ...images(count * fraction, 'spoiled', 0.12)]
    const fit = fitQuiet(bank, event, LOGIT_SCALE) as QuietFit
    expect(share(scoresOf(images(100, 'event', 0.12), fit))).toBeGreaterThan(0.9)
    expect(share(scoresOf(images(500, 'quiet'), fit))).toBeLessThan(0.03)
    expect(Math.abs(fit.eventFraction - fraction)).toBeLessThan(0.1)
  })
})

test('further contrast phrases move no decision', () => {
  const more = { ...event, contrast: [...event.contrast, ...Array.from({ length: 10 }, (_, i) => axis(10 + i))] }
  const bank = images(200, 'bank')
  const seen = [...images(200, 'quiet'), ...images(100, 'event', 0.12)]
  const [few, many] = [event, more].map(each => {
    const fit = fitQuiet(bank, each, LOGIT_SCALE)
    return eventScoresOf(each, seen, fit).map(score => score >= 0.5)
  }) as [boolean[], boolean[]]
  expect(few.filter((decision, i) => decision !== many[i]).length / seen.length).toBeLessThanOrEqual(0.02)
})

function eventScoresOf(each: EventText, vectors: readonly Float32Array[], fit: QuietFit | null): number[] {
  const texts = { variant: 'fp32', logitScale: LOGIT_SCALE, calibration: { centre: 5, width: 1 }, events: [each] }
  return vectors.map(vector => eventScores(vector, texts, [each], () => fit).van as number)
}

test('few images: nothing is learned below eight; up to the calibration’s number both count in proportion', () => {
  expect(fitQuiet(images(7, 'bank'), event, LOGIT_SCALE)).toBeNull()
  const fit = fitQuiet(images(15, 'bank'), event, LOGIT_SCALE)
  expect(learnedFraction(null, { centre: 5, width: 1 })).toBe(0)
  expect(learnedFraction(fit, { centre: 5, width: 1 })).toBe(0.75)
  expect(learnedFraction(fit, { centre: 5, width: 1, images: 15 })).toBe(1)
  // A model whose calibration was fitted on images of its world keeps it.
  expect(learnedFraction(fit, { centre: 5, width: 1, images: 1e6 })).toBeLessThan(1e-4)
})

test('the margin is linear in the embedding and zero at the mean of the images it was learned from', () => {
  const bank = images(64, 'bank')
  const fit = fitQuiet(bank, event, LOGIT_SCALE) as QuietFit
  const [first, second] = bank as [Float32Array, Float32Array]
  const middle = first.map((value, i) => (value + second[i]!) / 2)
  expect(quietMargin(fit, middle)).toBeCloseTo((quietMargin(fit, first) + quietMargin(fit, second)) / 2, 3)
  // The middle of the lower half lies below the quiet level of all.
  expect(fit.location).toBeGreaterThan(0)
})

test('images that are all the same: a change of a third of a nat is no event', () => {
  const still = Array.from({ length: 100 }, () => image(createRandom('still')))
  const fit = fitQuiet(still, event, LOGIT_SCALE) as QuietFit
  expect(fit.spread).toBeCloseTo(0, 6)
  expect(fit.centre - fit.location).toBeGreaterThan(0.3 * 3)
  expect(share(scoresOf(still, fit))).toBe(0)
})

test('levels are judged against the usual level', () => {
  const level: EventText = {
    event: 'van',
    positive: axis(0),
    contrast: [],
    levels: [axis(3), axis(4), axis(5), axis(0)],
  }
  const bank = images(100, 'bank')
  const fit = fitQuiet(bank, level, LOGIT_SCALE) as QuietFit
  expect(fit.direction).toBeNull()
  expect(fit.location).toBeCloseTo(0, 2)
  const crowded = normalize(Float32Array.from({ length: DIMENSIONS }, (_, i) => (i === 0 ? 1 : i === 3 ? 0.9 : 0)))
  expect(eventScoresOf(level, [crowded], fit)[0]).toBeGreaterThan(0.9)
  expect(share(eventScoresOf(level, images(100, 'quiet'), fit))).toBe(0)
})
