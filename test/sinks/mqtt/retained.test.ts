import { expect, it } from 'vitest'
import type { Connection, PublishResult } from '../../../src/sinks/mqtt/connection.ts'
import { createRetainedTopics } from '../../../src/sinks/mqtt/retained.ts'

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
    recall: async () => undefined,
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

it('sends all of it again on a new connection, but what it need not keep', async () => {
  const topics = createRetainedTopics()
  const first = createConnection()
  topics.connect(first.connection)
  topics.set('state', 'ON')
  topics.set('picture', 'jpeg', { keep: false })
  await first.answer('acknowledged')
  const second = createConnection()
  topics.connect(second.connection)
  await second.answer('acknowledged')
  expect(second.published).toEqual(['state=ON'])
})

it('sends what was lost with a connection on the next one, as it is then', async () => {
  const topics = createRetainedTopics()
  const first = createConnection()
  topics.connect(first.connection)
  topics.set('state', 'ON')
  topics.set('picture', 'jpeg', { keep: false })
  await first.answer('failed')
  topics.set('state', 'OFF')
  const second = createConnection()
  topics.connect(second.connection)
  expect(second.published).toEqual(['state=OFF', 'picture=jpeg'])
})

it('does not ask again what was refused', async () => {
  const topics = createRetainedTopics()
  const { connection, published, answer } = createConnection()
  topics.connect(connection)
  topics.set('a', '1')
  await answer('refused')
  expect(published).toEqual(['a=1'])
})

it('has no more on their way than a broker allows, and says when all are done', async () => {
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
