import { afterEach, expect, it, vi } from 'vitest'
import type { Connection, PublishResult } from '../../../src/sinks/mqtt/connection.ts'
import { createRetainedTopics } from '../../../src/sinks/mqtt/retainedTopics.ts'

/** A connection whose acknowledgements come when the test says so. */
function createConnection() {
  const waiting: ((result: PublishResult) => void)[] = []
  const published: string[] = []
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: (topic, payload) => {
      published.push(`${topic}=${payload}`)
      return new Promise(resolve => waiting.push(resolve))
    },
    readRetained: async () => true,
    subscribe: async () => undefined,
    end: async () => undefined,
  }
  const answer = async (result: PublishResult) => {
    for (const resolve of waiting.splice(0)) resolve(result)
    await new Promise(setImmediate)
  }
  return { connection, published, answer }
}

it('sends the latest value only, one at a time per topic', async () => {
  const topics = createRetainedTopics()
  const { connection, published, answer } = createConnection()
  topics.connect(connection)
  topics.set('a', '1')
  topics.set('a', '2')
  topics.set('a', '3')
  await answer('acknowledged')
  await answer('acknowledged')
  expect(published).toEqual(['a=1', 'a=3'])
})

it('sends all topics again on a new connection, except those with keep: false', async () => {
  const topics = createRetainedTopics()
  const first = createConnection()
  topics.connect(first.connection)
  topics.set('state', 'ON')
  topics.set('snapshot', 'jpeg', { keep: false })
  await first.answer('acknowledged')
  const second = createConnection()
  topics.connect(second.connection)
  await second.answer('acknowledged')
  expect(second.published).toEqual(['state=ON'])
})

it('sends values that a connection lost on the next one, with the latest payload', async () => {
  const topics = createRetainedTopics()
  const first = createConnection()
  topics.connect(first.connection)
  topics.set('state', 'ON')
  topics.set('snapshot', 'jpeg', { keep: false })
  await first.answer('failed')
  topics.set('state', 'OFF')
  const second = createConnection()
  topics.connect(second.connection)
  expect(second.published).toEqual(['state=OFF', 'snapshot=jpeg'])
})

afterEach(() => vi.useRealTimers())

it('sends a topic again after busy answers, each time later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const topics = createRetainedTopics()
  const { connection, published, answer } = createConnection()
  topics.connect(connection)
  topics.set('a', '1')
  for (const [count, delay] of [2000, 4000, 8000].entries()) {
    await answer('busy')
    vi.advanceTimersByTime(delay - 1)
    expect(published).toHaveLength(count + 1)
    vi.advanceTimersByTime(1)
    expect(published).toHaveLength(count + 2)
  }
  // A new value does not wait, and the next connection resets the delay.
  await answer('busy')
  topics.set('a', '2')
  expect(published.at(-1)).toBe('a=2')
  await answer('busy')
  const next = createConnection()
  topics.connect(next.connection)
  expect(next.published).toEqual(['a=2'])
  vi.advanceTimersByTime(60_000)
  expect(next.published).toEqual(['a=2'])
})

it.each(['refused', 'too-large'] as const)('does not send a message again that was %s', async result => {
  const topics = createRetainedTopics()
  const { connection, published, answer } = createConnection()
  topics.connect(connection)
  topics.set('a', '1')
  await answer(result)
  expect(published).toEqual(['a=1'])
})

it('has no more messages in flight than a broker allows, and resolves `flush` when all are done', async () => {
  const topics = createRetainedTopics()
  const { connection, published, answer } = createConnection()
  topics.connect(connection)
  for (let i = 0; i < 20; i++) topics.set(`t${i}`, '1')
  expect(published).toHaveLength(8)
  let done = false
  const flushed = topics.flush().then(() => {
    done = true
  })
  await answer('acknowledged')
  expect(done).toBe(false)
  await answer('acknowledged')
  await answer('acknowledged')
  await flushed
  expect(published).toHaveLength(20)
})

it('sends topics in the order in which they changed, and a waiting topic keeps its place', async () => {
  const topics = createRetainedTopics()
  topics.set('a', '1')
  topics.set('b', '1')
  topics.set('c', '1')
  topics.set('a', '2')
  const first = createConnection()
  topics.connect(first.connection)
  expect(first.published).toEqual(['a=2', 'b=1', 'c=1'])
  await first.answer('acknowledged')
  topics.set('b', '2')
  topics.set('a', '3')
  await first.answer('failed')
  const second = createConnection()
  topics.connect(second.connection)
  expect(second.published).toEqual(['c=1', 'b=2', 'a=3'])
})

it('sends the last topic after all others on every connection, and in order afterwards', async () => {
  const topics = createRetainedTopics('bridge')
  topics.set('bridge', 'online')
  for (let i = 0; i < 9; i++) topics.set(`t${i}`, '1')
  for (let i = 0; i < 2; i++) {
    const { connection, published, answer } = createConnection()
    topics.connect(connection)
    expect(published).not.toContain('bridge=online')
    await answer('acknowledged')
    await answer('acknowledged')
    expect(published.at(-1)).toBe('bridge=online')
    expect(published).toHaveLength(10)
  }
})

it('sends all topics again on the same connection, some before the others', async () => {
  const topics = createRetainedTopics('bridge')
  const { connection, published, answer } = createConnection()
  for (const name of ['bridge', 'state', 'device/a', 'other', 'device/b']) topics.set(name, '1')
  topics.connect(connection)
  await answer('acknowledged')
  published.length = 0
  topics.resend(topic => topic.startsWith('device/'))
  expect(published).toEqual(['device/a=1', 'device/b=1', 'state=1', 'other=1', 'bridge=1'])
})
