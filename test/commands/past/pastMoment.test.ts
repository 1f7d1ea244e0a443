import { expect, test } from 'vitest'
import { nearestEvents, strongestEvents } from '../../../src/commands/past/pastMoment.ts'
import type { WatchEvent } from '../../../src/types.ts'

function event(startTime: number, endTime: number, topScore: number, camera = 'a'): WatchEvent {
  return {
    id: `${camera}${startTime}-${endTime}`,
    camera,
    event: 'van',
    startTime,
    endTime,
    frameTime: endTime,
    score: 0,
    topScore,
    topTime: startTime,
    endReason: 'score',
    variant: 'fake',
    where: null,
    why: null,
  }
}

test('the strongest first; of equal ones the earlier', () => {
  const [low, late, early] = [event(0, 1, 0.6), event(20, 21, 0.9), event(10, 11, 0.9)]
  expect(strongestEvents([low, late, early])).toEqual([early, late, low])
})

test('the nearest on both sides, each once however many thresholds found it', () => {
  const [strong, weak] = [event(70_000, 80_000, 0.95), event(200_000, 201_000, 0.48)]
  const longer = event(50_000, 130_000, 0.96)
  const elsewhere = event(70_000, 80_000, 0.4, 'b')
  expect(nearestEvents([strong, longer, weak, elsewhere, event(199_000, 300_000, 0.49)], 0.5)).toEqual([
    weak,
    elsewhere,
    strong,
  ])
})

test('neighbours in the same minute are two', () => {
  const pair = [event(1000, 5000, 0.6), event(6000, 9000, 0.5)]
  expect(nearestEvents(pair, 0.5)).toHaveLength(2)
})
