import { describe, expect, test } from 'vitest'
import { eventScores, judgeEvent, judgeEvents } from '../../src/scoring/eventScores.ts'
import { answersShift, fitAnswers, type JudgedExample } from '../../src/scoring/fitAnswers.ts'
import { logits } from '../../src/scoring/logits.ts'
import type { EventText } from '../../src/scoringTypes.ts'
import { createRandom, type Random } from '../../src/util/random.ts'
import { normalize } from '../../src/util/vector.ts'
import { axis, DIM, sceneImage } from '../support/embeddings.ts'

const EVENT: EventText = { event: 'van', positive: axis(0), contrast: [axis(1), axis(2)], levels: null }
const CALIBRATION = { centre: 20, width: 4 }

/** What the event's phrases see on axis 0; on axis 6 what they do not: which of the two it is. */
function picture(random: Random, isRight: boolean, noise = 0.05): Float32Array {
  const vector = sceneImage(random, { amount: 0.6, noise })
  vector[6] = (vector[6] ?? 0) + (isRight ? 0.3 : -0.3)
  return normalize(vector)
}

function judged(embedding: Float32Array, yes: boolean, at = 0): JudgedExample {
  const { logOdds } = judgeEvent(EVENT, {
    embedding,
    logit: logits(embedding, 100),
    calibration: CALIBRATION,
    fit: null,
  })
  return { embedding, yes, at, logOdds }
}

function examples(random: Random, count: number): JudgedExample[] {
  return Array.from({ length: count }, (_, i) => judged(picture(random, i % 2 === 0), i % 2 === 0, i))
}

const usual = Array.from({ length: 60 }, (_, i) => sceneImage(createRandom(`usual ${i}`)))

describe.each([
  { name: 'with a bank', images: usual },
  { name: 'without images of the camera, as for the bundled model', images: [] },
])('$name', ({ images }) => {
  test('answers teach what the phrases do not see', () => {
    const random = createRandom('answers')
    const fit = fitAnswers(examples(random, 10), images)
    expect(fit).toMatchObject({ yes: 5, no: 5 })
    const shifts = (isRight: boolean) => Array.from({ length: 20 }, () => answersShift(fit, picture(random, isRight)))
    expect(Math.min(...shifts(true))).toBeGreaterThan(Math.max(...shifts(false)))
    expect(Math.max(...shifts(false))).toBeLessThan(0)
  })

  test('more answers that agree are trusted more', () => {
    const weights = [4, 10, 30].map(count => fitAnswers(examples(createRandom('more'), count), images)?.weight ?? 0)
    expect(weights).toEqual([...weights].sort((a, b) => a - b))
    expect(weights[2]).toBeGreaterThan(0.5)
  })

  test('answers at random teach nothing, or next to nothing', () => {
    const weights = Array.from({ length: 20 }, (_, seed) => {
      const random = createRandom(`at random ${seed}`)
      const asked = Array.from({ length: 12 }, (_, i) => judged(picture(random, random.chance(0.5)), i % 2 === 0))
      return fitAnswers(asked, images)?.weight ?? 0
    })
    expect(weights.filter(weight => weight === 0).length).toBeGreaterThan(10)
    expect(weights.reduce((sum, weight) => sum + weight, 0) / weights.length).toBeLessThan(0.2)
  })

  test('right and wrong exchanged, with their scores, move scores the other way by as much', () => {
    const asked = examples(createRandom('exchanged'), 10)
    const [fit, other] = [
      fitAnswers(asked, images),
      fitAnswers(
        asked.map(one => ({ ...one, yes: !one.yes, logOdds: -one.logOdds })),
        images,
      ),
    ]
    for (const image of usual) expect(answersShift(other, image)).toBeCloseTo(-answersShift(fit, image), 4)
  })
})

test('both answers about the same images cancel', () => {
  const asked = examples(createRandom('both'), 10)
  expect(fitAnswers([...asked, ...asked.map(one => ({ ...one, yes: !one.yes }))], usual)).toBeNull()
})

test('near-copies of one image count once', () => {
  const asked = examples(createRandom('copies'), 10)
  const copies = Array.from({ length: 20 }, () => asked[1] as JudgedExample)
  expect(fitAnswers([...asked, ...copies], usual)).toEqual(fitAnswers(asked, usual))
})

test('without both kinds of answers nothing changes', () => {
  const asked = examples(createRandom('kinds'), 20)
  for (const kind of [true, false]) {
    expect(
      fitAnswers(
        asked.filter(({ yes }) => yes === kind),
        usual,
      ),
    ).toBeNull()
    const one = asked.filter(({ yes }) => yes !== kind).slice(0, 1)
    expect(fitAnswers([...asked.filter(({ yes }) => yes === kind), ...one], usual)).toBeNull()
  }
  expect(fitAnswers([], usual)).toBeNull()
})

test('answers that the scores foretell already change nothing', () => {
  const random = createRandom('certain')
  const asked = examples(random, 10).map(one => ({ ...one, logOdds: one.yes ? 9 : -9 }))
  expect(fitAnswers(asked, usual)).toBeNull()
})

test('the shift is bounded, however far an image lies', () => {
  const fit = fitAnswers(examples(createRandom('bounded'), 20), usual)
  const far = axis(6).map(value => value * 1000)
  expect([
    answersShift(fit, far),
    answersShift(
      fit,
      far.map(value => -value),
    ),
  ]).toEqual([6, -6])
})

test('without answers every score is the same to the last bit; levels stay as they are', () => {
  const texts = { variant: 'int8', logitScale: 100, calibration: CALIBRATION, events: [EVENT] }
  const levels: EventText = { ...EVENT, event: 'crowd', levels: [axis(1), axis(0)] }
  const fit = fitAnswers(examples(createRandom('bits'), 10), usual)
  expect(fit).not.toBeNull()
  for (const image of usual) {
    const plain = eventScores(image, texts, [EVENT, levels])
    expect(
      eventScores(
        image,
        texts,
        [EVENT, levels],
        () => null,
        () => null,
      ),
    ).toEqual(plain)
    const { van, crowd } = judgeEvents(
      image,
      texts,
      [EVENT, levels],
      () => null,
      () => fit,
    )
    expect(crowd?.score).toBe(plain.crowd)
    expect(van?.answers).toBe(answersShift(fit, image))
    expect(van?.score).not.toBe(plain.van)
  }
})

test('numbers stay finite for any answers', () => {
  const random = createRandom('finite')
  for (let round = 0; round < 50; round++) {
    const asked = Array.from({ length: random.integer(1, 60) }, () => ({
      embedding: random.chance(0.2) ? axis(random.integer(0, DIM - 1)) : picture(random, random.chance(0.5), 0.3),
      yes: random.chance(0.5),
      at: 0,
      logOdds: random.between(-80, 80),
    }))
    const fit = fitAnswers(asked, random.chance(0.5) ? usual : usual.slice(0, random.integer(0, 2)))
    if (fit === null) continue
    expect(fit.direction.every(Number.isFinite) && Number.isFinite(fit.offset)).toBe(true)
    expect(fit.weight > 0 && fit.weight < 1).toBe(true)
  }
})
