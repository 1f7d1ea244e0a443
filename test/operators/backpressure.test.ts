import { lastValueFrom, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { createBackpressure, readWithBackpressure } from '../../src/operators/backpressure.ts'

/** Lets every promise that is ready go on. */
const settled = () => new Promise(resolve => setImmediate(resolve))

function counter(most = Number.POSITIVE_INFINITY) {
  const seen = { read: 0, closed: false }
  async function* items() {
    try {
      while (seen.read < most) yield seen.read++
    } finally {
      seen.closed = true
    }
  }
  return { seen, items: items() }
}

test('reads to the end', async () => {
  expect(await lastValueFrom(readWithBackpressure(counter(3).items, createBackpressure()).pipe(toArray()))).toEqual([
    0, 1, 2,
  ])
})

test('reads nothing while held, and goes on when released', async () => {
  const backpressure = createBackpressure()
  const { seen, items } = counter(10)
  backpressure.pause()
  const all = lastValueFrom(readWithBackpressure(items, backpressure).pipe(toArray()))
  await settled()
  expect(seen.read).toBe(0)
  backpressure.resume()
  expect(await all).toHaveLength(10)
})

test('one that holds on the third item gets no fourth', async () => {
  const backpressure = createBackpressure()
  const { seen, items } = counter()
  const subscription = readWithBackpressure(items, backpressure).subscribe(item => {
    if (item === 2) backpressure.pause()
  })
  await settled()
  expect(seen.read).toBe(3)
  subscription.unsubscribe()
  backpressure.resume()
  await settled()
  expect(seen).toEqual({ read: 3, closed: true })
})

test('a failing reader is an error of the stream', async () => {
  async function* failing() {
    yield 1
    throw new Error('cut short')
  }
  await expect(lastValueFrom(readWithBackpressure(failing(), createBackpressure()))).rejects.toThrow('cut short')
})
