import { lastValueFrom, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { createDemand, readOnDemand } from '../../src/operators/demand.ts'

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
  expect(await lastValueFrom(readOnDemand(counter(3).items, createDemand()).pipe(toArray()))).toEqual([0, 1, 2])
})

test('reads nothing while held, and goes on when released', async () => {
  const demand = createDemand()
  const { seen, items } = counter(10)
  demand.hold()
  const all = lastValueFrom(readOnDemand(items, demand).pipe(toArray()))
  await settled()
  expect(seen.read).toBe(0)
  demand.release()
  expect(await all).toHaveLength(10)
})

test('one that holds on the third item gets no fourth', async () => {
  const demand = createDemand()
  const { seen, items } = counter()
  const subscription = readOnDemand(items, demand).subscribe(item => {
    if (item === 2) demand.hold()
  })
  await settled()
  expect(seen.read).toBe(3)
  subscription.unsubscribe()
  demand.release()
  await settled()
  expect(seen).toEqual({ read: 3, closed: true })
})

test('a failing reader is an error of the stream', async () => {
  async function* failing() {
    yield 1
    throw new Error('cut short')
  }
  await expect(lastValueFrom(readOnDemand(failing(), createDemand()))).rejects.toThrow('cut short')
})
