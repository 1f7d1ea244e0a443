import { expect, test } from 'vitest'
import { judgeEvents } from '../../src/scoring/eventScores.ts'
import { explainEvent, whyOf } from '../../src/scoring/explainEvent.ts'
import type { EventText, Phrase } from '../../src/scoringTypes.ts'
import { normalize } from '../../src/util/vector.ts'

const unit = (values: readonly number[]) => normalize(Float32Array.from(values))
const phrase = (text: string, ...values: number[]): Phrase => ({ text, vector: unit(values), tokens: 4 })
const car = phrase('a car', 1, 0, 0)
const van = phrase('a van', 0.8, 0.6, 0)
const road = phrase('an empty road', 0, 1, 0)
const fog = phrase('fog', 0, 0, 1)
const text: EventText = {
  event: 'car',
  positive: unit([0.9, 0.3, 0]),
  contrast: [road.vector, fog.vector],
  levels: null,
  words: { prompts: [van, car], contrast: [road, fog], ownContrasts: 1, levels: null },
}
const SCALE = 10

test('phrases are sorted by how much they decide, with their logits and shares', () => {
  const sides = explainEvent(car.vector, text, SCALE)
  expect(sides?.for.map(({ phrase }) => phrase)).toEqual(['a car', 'a van'])
  expect(sides?.for[0]?.logit).toBeCloseTo(10, 5)
  expect(sides?.for[1]?.logit).toBeCloseTo(8, 5)
  expect(sides?.for[0]?.share).toBeCloseTo(1 / (1 + Math.exp(-2)), 5)
  expect(sides?.against.map(({ share }) => share)).toEqual([0.5, 0.5])
})

test('the margin is the log-mean-exp of the contrast logits that are shown', () => {
  const image = unit([0.7, 0.6, 0.2])
  const texts = { variant: 'fake', logitScale: SCALE, calibration: { centre: 0, width: 1 }, events: [text] }
  const margin = judgeEvents(image, texts, [text]).car?.margin ?? Number.NaN
  const against = explainEvent(image, text, SCALE)?.against ?? []
  const mean = Math.log(against.reduce((sum, { logit }) => sum + Math.exp(logit), 0) / against.length)
  const positive = SCALE * text.positive.reduce((sum, value, i) => sum + value * (image[i] ?? 0), 0)
  expect(margin).toBeCloseTo(positive - mean, 5)
})

test('of levels, those above the first speak for the event', () => {
  const levels = [phrase('empty', 0, 1, 0), phrase('one person', 1, 0, 0), phrase('a crowd', 0, 0, 1)]
  const graded: EventText = {
    event: 'crowd',
    positive: levels[2]?.vector as Float32Array,
    contrast: [fog.vector],
    levels: levels.map(({ vector }) => vector),
    words: { prompts: [levels[2] as Phrase], contrast: [fog], ownContrasts: 0, levels },
  }
  const sides = explainEvent(unit([0.2, 0.1, 0.9]), graded, SCALE)
  expect(sides?.for.map(({ phrase }) => phrase)).toEqual(['a crowd', 'one person'])
  expect(sides?.against).toMatchObject([{ phrase: 'empty', share: 1 }])
})

test('the short form has the two strongest phrases; without words or judgement there is none', () => {
  const judgement = { margin: 3, aboveQuiet: 1.5, answers: 0, learned: 1, logOdds: 2, score: 0.88 }
  const view = { embedding: unit([1, 0.1, 0]), judgement }
  const short = { for: 'a car', against: 'an empty road', margin: 3, aboveQuiet: 1.5 }
  expect(whyOf(view, text, SCALE)).toEqual(short)
  expect(whyOf({ ...view, judgement: undefined }, text, SCALE)).toBeNull()
  const { words: _, ...wordless } = text
  expect(whyOf(view, wordless, SCALE)).toBeNull()
  const alone = { ...text, contrast: [], words: { ...text.words, contrast: [] } } as EventText
  expect(whyOf(view, alone, SCALE)?.against).toBeNull()
})
