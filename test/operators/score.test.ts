import { map } from 'rxjs'
import { expect, test } from 'vitest'
import { score, softmaxScores, twoWayScores } from '../../src/operators/score.ts'
import type { EncodedFrame, EventText, ScoringTexts, Signal } from '../../src/types.ts'
import { marbles } from '../support/virtualTime.ts'
import { encoded, status } from './fakes.ts'

const car: EventText = {
  event: 'car',
  positive: Float32Array.of(1, 0),
  contrast: [Float32Array.of(0, 1), Float32Array.of(0.6, 0.8)],
  grades: null,
}
const crowd: EventText = {
  event: 'crowd',
  positive: Float32Array.of(0, 1),
  contrast: [],
  grades: [Float32Array.of(1, 0), Float32Array.of(0.6, 0.8), Float32Array.of(0, 1)],
}
const texts: ScoringTexts = {
  variant: 'fake',
  logitScale: 10,
  calibration: { centre: 1, width: 2 },
  events: [car, crowd],
}
const picture = Float32Array.of(0.8, 0.6)

test('frames get a score per watched event, statuses pass', () => {
  const values: Record<string, Signal<EncodedFrame>> = {
    a: encoded('one', 0, [1, 0]),
    b: encoded('one', 1, [0, 1]),
    x: status('one', 2, 'online'),
    c: encoded('two', 3, [1, 0]),
  }
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const frames = hot('  a--b--x--c--|', values)
    const subscribed = '  ^-----------!'
    const scored = '      A--B--x--C--|'
    const watched = (camera: string) => (camera === 'one' ? ['car', 'crowd'] : ['crowd'])
    const operator = score({ texts: () => texts, watched, mode: 'two-way' })
    const seen$ = frames.pipe(
      operator,
      map(signal => {
        if (signal.kind === 'status') return 'x'
        const { car = null, crowd = null } = signal.scores
        return [car === null ? null : car > 0.5, crowd === null ? null : crowd > 0.5]
      }),
    )
    expectObservable(seen$).toBe(scored, { A: [true, false], B: [false, true], x: 'x', C: [null, false] })
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
  })
})

test('two-way: how far the event is ahead of its contrast set, calibrated', () => {
  // By hand: 10·0.8 − log(e^(10·0.6) + e^(10·0.96)) = 8 − log(403.4 + 14764.8) = −1.627; sigmoid((−1.627 − 1) / 2) = 0.2119.
  expect(twoWayScores(picture, texts, [car])).toEqual({ car: expect.closeTo(0.2119, 4) })
})

test('two-way: an event more changes no other score', () => {
  const alone = twoWayScores(picture, texts, [car]).car
  expect(twoWayScores(picture, texts, [car, crowd]).car).toBe(alone)
})

test('grades: the expected place on the scale from none to most', () => {
  // By hand: softmax of 8, 9.6, 6 over levels 0, ½, 1: (0.5·14764.8 + 403.4) / (2981.0 + 14764.8 + 403.4) = 0.4290.
  expect(twoWayScores(picture, texts, [crowd])).toEqual({ crowd: expect.closeTo(0.429, 4) })
  const clear = { ...texts, logitScale: 100 }
  expect(twoWayScores(Float32Array.of(1, 0), clear, [crowd]).crowd).toBeCloseTo(0, 6)
  expect(twoWayScores(Float32Array.of(0, 1), clear, [crowd]).crowd).toBeCloseTo(1, 6)
})

test('softmax: all events against each other, as in the original report', () => {
  // By hand: 1 / (1 + e^(10·(0.6 − 0.8))) = 0.8808.
  expect(softmaxScores(picture, texts, [car, crowd])).toEqual({
    car: expect.closeTo(0.8808, 4),
    crowd: expect.closeTo(0.1192, 4),
  })
})

test('extreme logits stay numbers', () => {
  const harsh = { ...texts, logitScale: 1e5 }
  for (const [, value] of Object.entries(twoWayScores(picture, harsh, [car, crowd]))) {
    expect(value).toBeGreaterThanOrEqual(0)
    expect(value).toBeLessThanOrEqual(1)
  }
})

test('new words count from the next frame on', () => {
  const swapped = { ...texts, events: [{ ...car, positive: Float32Array.of(0, 1), contrast: [Float32Array.of(1, 0)] }] }
  let current = texts
  const scores: number[] = []
  marbles().run(({ cold, flush }) => {
    cold('ab|', { a: encoded('one', 0, [1, 0]), b: encoded('one', 1, [1, 0]) })
      .pipe(score({ texts: () => current, watched: () => ['car'], mode: 'two-way' }))
      .subscribe(signal => {
        if (signal.kind === 'frame') scores.push(signal.scores.car ?? -1)
        current = swapped
      })
    flush()
  })
  expect(scores[0]).toBeGreaterThan(0.5)
  expect(scores[1]).toBeLessThan(0.5)
})
