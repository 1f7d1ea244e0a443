import { expect, test } from 'vitest'
import { type KeyframeWatch, NOTHING_SEEN, watchKeyframes } from '../../src/sources/watchKeyframes.ts'

/** Whether keyframes at these times, s, are enough for `fps`, after each. */
function verdicts(seconds: number[], fps: number): boolean[] {
  let watch: KeyframeWatch = NOTHING_SEEN
  return seconds.map(second => {
    const [next, { enough }] = watchKeyframes(watch, second * 1000, fps)
    watch = next
    return enough
  })
}

const UNKNOWN = [false, false, false, false]

test('a keyframe in every slot is enough, once four gaps were seen', () => {
  expect(verdicts([0, 1, 2, 3, 4, 5, 6], 1)).toEqual([...UNKNOWN, true, true, true])
  expect(verdicts([0, 1.9, 3.1, 4, 5], 1)).toEqual([...UNKNOWN, true])
})

test('keyframes every two seconds are too few for one frame a second', () => {
  expect(verdicts([0, 2, 4, 6, 8], 1)).toEqual([...UNKNOWN, false])
})

test('they are enough for one frame in two seconds', () => {
  expect(verdicts([0, 2, 4, 6, 8, 10], 0.5)).toEqual([...UNKNOWN, true, true])
})

test('a camera that stretches its keyframes later is noticed later', () => {
  expect(verdicts([0, 1, 2, 3, 4, 8, 12], 1)).toEqual([...UNKNOWN, true, false, false])
})
