import { expect, test } from 'vitest'
import { createFitQueue } from '../../src/bank/fitQueue.ts'
import { createFakeTimer } from '../support/fakeTimer.ts'

function setUp() {
  const timer = createFakeTimer()
  const ran: string[] = []
  const queue = createFitQueue(timer)
  const push = (key: string, takesMs = 100) =>
    queue.push(key, () => {
      ran.push(`${key} at ${timer.now()}`)
      timer.pass(takesMs)
    })
  return { timer, ran, queue, push }
}

test('nothing runs within push; one fit runs per turn, and the pause is twice as long as the fit', () => {
  const { timer, ran, push } = setUp()
  push('a')
  push('b')
  push('c', 0)
  push('d')
  expect(ran).toEqual([])
  timer.turn()
  expect(ran).toEqual(['a at 5'])
  timer.turn()
  timer.turn()
  timer.turn()
  expect(ran).toEqual(['a at 5', 'b at 305', 'c at 605', 'd at 610'])
  expect(timer.planned()).toBe(0)
})

test('a waiting fit is replaced, so the queue is bounded by its keys', () => {
  const { timer, ran, push } = setUp()
  for (let i = 0; i < 1000; i++) push('a')
  expect(timer.planned()).toBe(1)
  timer.turn()
  timer.turn()
  expect(ran).toEqual(['a at 5'])
  push('a')
  timer.turn()
  expect(ran).toHaveLength(2)
})

test('after close nothing runs', () => {
  const { timer, ran, queue, push } = setUp()
  push('a')
  queue.close()
  timer.turn()
  expect(ran).toEqual([])
})
