import { expect, it } from 'vitest'
import type { Connection, PublishResult } from '../../../src/sinks/mqtt/connection.ts'
import { createScorePublisher } from '../../../src/sinks/mqtt/createScorePublisher.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'
import type { MarkedFrame } from '../../../src/types.ts'

function setUp() {
  const published: string[] = []
  const waiting: ((result: PublishResult) => void)[] = []
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: (topic, payload, { retain }) => {
      published.push(`${topic}=${payload}${retain ? ' retained' : ''}`)
      return new Promise(resolve => waiting.push(resolve))
    },
    readRetained: async () => true,
    subscribe: async () => undefined,
    end: async () => undefined,
  }
  let current: Connection | null = connection
  const onScores = createScorePublisher({
    topics: createTopics('watchword'),
    knows: (_, event) => event !== 'removed',
    connection: () => current,
  })
  return {
    published,
    at: (capturedAt: number, scores: Record<string, number>) =>
      onScores({
        kind: 'frame',
        frame: { camera: 'front', capturedAt } as MarkedFrame,
        variant: 'int8',
        scores,
        rawScores: scores,
        views: [],
      }),
    answer: async () => {
      for (const resolve of waiting.splice(0)) resolve('acknowledged')
      await new Promise(setImmediate)
    },
    lose: () => {
      current = null
    },
  }
}

it('sends a score every five seconds while it changes, every minute while it does not, and never retained', async () => {
  const { published, at, answer } = setUp()
  for (let second = 0; second <= 12; second++) {
    at(second * 1000, { person: second / 20, removed: 1 })
    await answer()
  }
  expect(published).toEqual([0, 0.25, 0.5].map(score => `watchword/front/person/score=${score.toFixed(2)}`))
  published.length = 0
  for (let second = 13; second <= 140; second++) {
    at(second * 1000, { person: 0.5 })
    await answer()
  }
  expect(published).toHaveLength(2)
})

it('has one message in flight per event, and none without a broker', async () => {
  const { published, at, answer, lose } = setUp()
  at(0, { person: 0.1, car: 0.2 })
  at(6000, { person: 0.3, car: 0.4 })
  expect(published).toHaveLength(2)
  await answer()
  at(7000, { person: 0.3 })
  expect(published).toHaveLength(3)
  await answer()
  lose()
  at(20_000, { person: 0.9 })
  expect(published).toHaveLength(3)
})

it('continues when the clock was set back', async () => {
  const { published, at, answer } = setUp()
  at(3_600_000, { person: 0.1 })
  await answer()
  at(0, { person: 0.2 })
  expect(published).toHaveLength(2)
})
