import { expect, test } from 'vitest'
import { evaluateRecordings, evaluateSpans } from '../../src/eval/evaluateSpans.ts'

const span = (from: number, to: number, publishedAt = from) => ({ from, to, publishedAt })

test('half an overlap is a find; less is both a miss and a wrong one', () => {
  const truths = [span(0, 1000), span(5000, 6000)]
  const found = [span(200, 1200), span(5900, 7000)]
  expect(evaluateSpans(truths, found)).toMatchObject({
    matched: 1,
    precision: 0.5,
    recall: 0.5,
    f1: 0.5,
    onsetMs: 200,
    falseAlarms: 0,
  })
})

test('onset is the delay between its start and its publication, start is how it was dated: medians over the finds', () => {
  const truths = [span(0, 9000), span(20_000, 29_000), span(40_000, 49_000)]
  const found = [
    span(-500, 9000, 2000),
    span(20_100, 29_000, 21_500),
    span(39_000, 49_000, 45_000),
    span(60_000, 61_000),
  ]
  expect(evaluateSpans(truths, found)).toMatchObject({ matched: 3, onsetMs: 2000, startMs: -500 })
  expect(
    evaluateRecordings([
      { truths, found },
      { truths, found },
    ]),
  ).toMatchObject({ onsetMs: 2000, startMs: -500 })
})

test('a truth is found once: the second piece counts against', () => {
  expect(evaluateSpans([span(0, 1000)], [span(0, 600), span(600, 1000)])).toMatchObject({
    matched: 1,
    found: 2,
    precision: 0.5,
  })
})

test('what touches no truth is a false alarm', () => {
  expect(evaluateSpans([span(0, 1000)], [span(2000, 3000)]).falseAlarms).toBe(1)
})

test('nothing to find and nothing found is perfect', () => {
  expect(evaluateSpans([], [])).toMatchObject({ precision: 1, recall: 1, f1: 1 })
})

test('recordings are pooled without touching one another', () => {
  const recording = { truths: [span(0, 1000)], found: [span(100, 1000)] }
  expect(evaluateRecordings([recording, recording, { truths: [], found: [span(0, 1000)] }])).toMatchObject({
    truths: 2,
    found: 3,
    matched: 2,
    falseAlarms: 1,
  })
})
