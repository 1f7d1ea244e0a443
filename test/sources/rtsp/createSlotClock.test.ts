import { expect, test } from 'vitest'
import { createSlotClock } from '../../../src/sources/rtsp/createSlotClock.ts'

const CLOCK_RATE = 90_000

/** The slot in which ffmpeg's filter sees a frame (`filterGraph.ts`); it counts from the second frame, `lateS` after the first. */
const slotIn = (ticks: number, fps: number, lateS: number) => Math.floor((ticks / CLOCK_RATE - lateS + 0.001) * fps)

/** Repeatable jitter in [-1, 1). */
const jitter = (n: number) => ((n * 7919) % 1000) / 500 - 1

test.each([
  ['in time with the slots', 0],
  ['just before the next slot', 0.95],
  ['in the middle of a slot', 0.5],
])('keyframes once a slot, %s: none is skipped by jitter, and ffmpeg keeps each', (_, phase) => {
  const fps = 0.5
  const clock = createSlotClock({ clockRate: CLOCK_RATE, fps })
  clock.arrive(0)
  clock.arrive(1000)
  const slots = Array.from({ length: 200 }, (_, n) => {
    const nowMs = (n + 1 + phase) * 2000 + 200 * jitter(n)
    expect(clock.isDue(nowMs)).toBe(true)
    clock.advance(nowMs)
    return slotIn(clock.ticks(), fps, 0.045)
  })
  expect(new Set(slots).size).toBe(200)
  expect(slots).toEqual([...slots].sort((a, b) => a - b))
})

test('keyframes twice a slot: every second one is due', () => {
  const clock = createSlotClock({ clockRate: CLOCK_RATE, fps: 1 })
  clock.arrive(0)
  const due = [0.5, 1, 1.5, 2, 2.5, 3].map(seconds => {
    const isDue = clock.isDue(seconds * 1000)
    if (isDue) clock.advance(seconds * 1000)
    return isDue
  })
  expect(due).toEqual([false, true, false, true, false, true])
})

test('keyframes every 1.25 slots: all are due, and slots without one are left out', () => {
  const clock = createSlotClock({ clockRate: CLOCK_RATE, fps: 1 })
  clock.arrive(0)
  const times = [1.25, 2.5, 3.75, 5, 6.25].map(seconds => {
    expect(clock.isDue(seconds * 1000)).toBe(true)
    clock.advance(seconds * 1000)
    return clock.ticks() / CLOCK_RATE
  })
  expect(times).toEqual([1.5, 2.5, 3.5, 5.5, 6.5])
})

test('after keyframes, times go on without a step back', () => {
  const clock = createSlotClock({ clockRate: CLOCK_RATE, fps: 1 })
  clock.arrive(0)
  clock.advance(900)
  const early = clock.ticks()
  expect(clock.nextTicks()).toBe(2.5 * CLOCK_RATE)
  const later = [940, 980, 2000].map(ms => {
    clock.arrive(ms)
    return clock.ticks()
  })
  expect(later).toEqual([early + 90, early + 180, 2 * CLOCK_RATE])
})

test('a frame’s place in its slot', () => {
  const clock = createSlotClock({ clockRate: CLOCK_RATE, fps: 0.5 })
  expect([5000, 5500, 7000, 8600].map(ms => clock.arrive(ms))).toEqual([0, 0.25, 0, 0.8])
})
