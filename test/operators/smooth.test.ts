import { from, map } from 'rxjs'
import { expect, test } from 'vitest'
import { type Curve, smooth, smoothStep } from '../../src/operators/smooth.ts'
import { wholeView } from '../../src/operators/views/wholeView.ts'
import type { PartialView, ScoredFrame, Signal } from '../../src/types.ts'
import { createRandom } from '../../src/util/random.ts'
import { scored, status } from '../support/frames.ts'
import { marbles } from '../support/virtualTime.ts'

const OPTIONS = { tauMs: 1000, median: 3, gapMs: 30_000 } as const

/** Smooths a curve given as [ms, score]. */
function run(points: readonly (readonly [number, number])[], options: Partial<Parameters<typeof smoothStep>[3]> = {}) {
  let curve: Curve | null = null
  return points.map(([at, raw]) => {
    curve = smoothStep(curve, raw, at, { ...OPTIONS, ...options })
    return curve.value
  })
}

test('smooths with what came before, starts again when the camera was lost', () => {
  const values: Record<string, Signal<ScoredFrame>> = {
    a: scored('one', 0, { car: 0.2 }),
    b: scored('one', 1000, { car: 0.4 }),
    c: scored('one', 2000, { car: 0.9 }),
    x: status('one', 2500, 'offline'),
    d: scored('one', 3000, { car: 0.8 }),
  }
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const raw = hot('     a--b--c--x--d--|', values)
    const subscribed = '  ^--------------!'
    const smoothed = '    a--m--n--x--d--|'
    const scores$ = raw.pipe(
      smooth({ ...OPTIONS, tauMs: () => 1000 }),
      map(signal => (signal.kind === 'frame' ? signal.scores.car : 'x')),
    )
    // By hand, alpha = 1 − 1/e = 0.63212: 0.2 + alpha·(0.3 − 0.2), then + alpha·(0.4 − that).
    const m = expect.closeTo(0.263212, 6)
    const n = expect.closeTo(0.349679, 6)
    expectObservable(scores$).toBe(smoothed, { a: 0.2, m, n, x: 'x', d: 0.8 })
    expectSubscriptions(raw.subscriptions).toBe(subscribed)
  })
})

test('unsubscribed, it lets go', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const raw = hot<ScoredFrame>('a--a', { a: scored('one', 0, { car: 0.2 }) })
    expectObservable(raw.pipe(smooth({ ...OPTIONS, tauMs: () => 0 })), '-!').toBe('a', {
      a: scored('one', 0, { car: 0.2 }),
    })
    expectSubscriptions(raw.subscriptions).toBe('^!')
  })
})

test('one odd frame leaves no trace', () => {
  expect(run([0, 500, 1000, 1500, 2000].map(at => [at, at === 1000 ? 1 : 0.1]))).toEqual(
    [0.1, 0.1, 0.1, 0.1, 0.1].map(value => expect.closeTo(value, 12)),
  )
})

test('the average forgets by time: a step is followed alike at 1, 5 and 25 frames a second', () => {
  for (const fps of [1, 5, 25]) {
    const count = 20 * fps
    const points = Array.from({ length: count }, (_, i) => [(i * 1000) / fps, i < count / 2 ? 0 : 1] as const)
    const smoothed = run(points, { median: 1 })
    // A second after the step, whatever the rate: 1 − 1/e. The first frame after it already counts for one period.
    const after = smoothed[count / 2 + fps - 1] ?? 0
    expect(after).toBeCloseTo(1 - Math.exp(-1), 6)
  }
})

test('frames that are missing or late do not change the average of a steady score', () => {
  const random = createRandom('gaps')
  let at = 0
  const points = Array.from({ length: 200 }, () => {
    at += random.between(20, 5000)
    return [at, 0.7] as const
  })
  expect(new Set(run(points))).toEqual(new Set([0.7]))
})

test('a long silence, or time that jumps, starts again; a clock that is trimmed does not', () => {
  expect(
    run([
      [0, 0],
      [1000, 0],
      [32_000, 1],
    ]),
  ).toEqual([0, 0, 1])
  expect(
    run([
      [0, 0],
      [1000, 0],
      [-3_599_000, 1],
    ]),
  ).toEqual([0, 0, 1])
  expect(
    run([
      [0, 0],
      [1000, 0],
      [500, 1],
      [600, 1],
    ]),
  ).toEqual([0, 0, 0, 0])
})

test('frozen and dark frames carry the last score on and count for nothing', () => {
  const scores: (number | undefined)[] = []
  marbles().run(({ cold, flush }) => {
    cold<ScoredFrame>('abc|', {
      a: scored('one', 0, { car: 0.2 }),
      b: scored('one', 1000, { car: 0.9 }, { problem: 'frozen' }),
      c: scored('one', 2000, { car: 0.2 }),
    })
      .pipe(smooth({ ...OPTIONS, tauMs: () => 1000 }))
      .subscribe(signal => {
        if (signal.kind === 'frame') scores.push(signal.scores.car)
      })
    flush()
  })
  expect(scores).toEqual([0.2, 0.2, 0.2])
})

test('each event has its own time constant; 0 means none', () => {
  const seen: Readonly<Record<string, number>>[] = []
  marbles().run(({ cold, flush }) => {
    cold<ScoredFrame>('ab|', {
      a: scored('one', 0, { slow: 0, quick: 0 }),
      b: scored('one', 1000, { slow: 1, quick: 1 }),
    })
      .pipe(smooth({ gapMs: 30_000, median: 1, tauMs: event => (event === 'slow' ? 10_000 : 0) }))
      .subscribe(signal => {
        if (signal.kind === 'frame') seen.push(signal.scores)
      })
    flush()
  })
  expect(seen[1]).toEqual({ slow: expect.closeTo(1 - Math.exp(-0.1), 9), quick: 1 })
})

test('the first score of a new crop does not pass alone; that of a dropped crop goes on', () => {
  const whole = { motion: 0, settled: 0, still: false }
  const crop: PartialView = {
    ...wholeView(whole),
    id: 'crop-1',
    kind: 'crop',
    pixels: new Uint8Array(0),
  }
  const at = (seconds: number, raw: number | null): ScoredFrame => {
    const base = scored('a', seconds * 1000, { car: 0.1 }, { views: seconds >= 2 ? [crop] : [] })
    const scores = { car: raw ?? 0 }
    const views =
      raw === null
        ? base.views
        : [...base.views, ...base.views.map(whole => ({ ...whole, view: crop, scores, rawScores: scores }))]
    return { ...base, views }
  }
  const frames = [
    at(0, null),
    at(1, null),
    at(2, 0.95),
    at(3, 0.1),
    at(4, 0.9),
    at(5, 0.9),
    at(6, 0.9),
    at(7, null),
    at(8, 0.9),
  ]
  const values: number[] = []
  from(frames)
    .pipe(smooth({ tauMs: () => 1000, median: 3, gapMs: 30_000 }))
    .subscribe(signal => {
      if (signal.kind === 'frame') values.push(signal.views.find(({ view }) => view.id === 'crop-1')?.scores.car ?? -1)
    })
  expect(values[2]).toBeLessThan(0.2)
  expect(values[6]).toBeGreaterThan(0.7)
  expect(values[8]).toBeGreaterThan(0.8)
})
