import { expect, test } from 'vitest'
import { type KeyframeWatch, NOTHING_SEEN, patienceMs, watchKeyframes } from '../../src/sources/keyframes.ts'

/** Whether keyframes at these times, s, are enough for `fps`, after each. */
function verdicts(seconds: number[], fps: number): boolean[] {
  let watch: KeyframeWatch = NOTHING_SEEN
  return seconds.map(second => {
    const [next, { enough }] = watchKeyframes(watch, second * 1000, fps)
    watch = next
    return enough
  })
}

test('a keyframe in every slot is enough', () => {
  expect(verdicts([0, 1, 2, 3, 4, 5, 6], 1)).not.toContain(false)
  expect(verdicts([0, 1.9, 3.1, 4, 5], 1)).not.toContain(false)
})

test('keyframes every two seconds are too few for one frame a second', () => {
  expect(verdicts([0, 2, 4, 6, 8], 1)).toEqual([true, true, true, true, false])
})

test('they are enough for one frame in two seconds', () => {
  expect(verdicts([0, 2, 4, 6, 8, 10], 0.5)).not.toContain(false)
})

test('a camera that stretches its keyframes later is noticed later', () => {
  expect(verdicts([0, 1, 2, 3, 4, 8, 12], 1)).toEqual([true, true, true, true, true, false, false])
})

test('patience is two and a half slots, and never less than half a second', () => {
  expect([patienceMs(1), patienceMs(0.1), patienceMs(30)]).toEqual([2500, 25_000, 500])
})
