import { map } from 'rxjs'
import { expect, test } from 'vitest'
import { score } from '../../src/operators/score.ts'
import type { EncodedFrame, Signal } from '../../src/types.ts'
import { car, texts } from '../support/carAndCrowd.ts'
import { encoded, status } from '../support/frames.ts'
import { marbles } from '../support/virtualTime.ts'

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
