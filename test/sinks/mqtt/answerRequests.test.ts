import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerRequests, parseRequest } from '../../../src/sinks/mqtt/answerRequests.ts'
import type { Connection } from '../../../src/sinks/mqtt/connection.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'
import { createRedactor } from '../../../src/util/redactor.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'
import { until } from '../../support/until.ts'

describe('parseRequest', () => {
  it('accepts an object and an empty payload, and separates the transaction', () => {
    expect(parseRequest(Buffer.from('{"camera":"front","transaction":7}'))).toEqual({
      payload: { camera: 'front' },
      transaction: 7,
    })
    expect(parseRequest(Buffer.from('{"transaction":1e999}'))).toEqual({ payload: {}, transaction: null })
    expect(parseRequest(Buffer.from(' '))).toEqual({ payload: {}, transaction: null })
  })

  it('rejects payloads that are no object or too long', () => {
    for (const text of ['1', '[]', 'null', '"x"', '{', '\u0000'])
      expect(parseRequest(Buffer.from(text))).toEqual({ error: expect.stringContaining('JSON object') })
    expect(parseRequest(Buffer.alloc(16 * 1024 + 1, ' '))).toEqual({ error: expect.stringContaining('16384') })
    expect(parseRequest(Buffer.from(JSON.stringify({ transaction: 'x'.repeat(257) })))).toMatchObject({
      transaction: null,
    })
  })

  it('never throws, with any payload', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map(text => Buffer.from(text)),
        ),
        bytes => {
          expect(typeof parseRequest(Buffer.from(bytes))).toBe('object')
        },
      ),
      { numRuns: 3000, seed: 1 },
    )
  })
})

it('answers each request once, and with an error when there are too many', async () => {
  const published: { topic: string; response: { status: string; error?: string } }[] = []
  let ask: (topic: string, payload: Buffer) => void = () => undefined
  let finish: () => void = () => undefined
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: async (topic, payload) => {
      published.push({ topic, response: JSON.parse(String(payload)) })
      return 'acknowledged'
    },
    readRetained: async () => true,
    subscribe: async (_, onMessage) => {
      ask = onMessage
    },
    end: async () => undefined,
  }
  await answerRequests(connection, {
    topics: createTopics('watchword'),
    onRequest: async name => {
      if (name === 'slow') await finished
      return {}
    },
    redact: createRedactor(),
    telemetry: recordTelemetry(),
  })
  for (let i = 0; i < 10; i++) ask('watchword/bridge/request/slow', Buffer.from(`{"transaction":${i}}`))
  await until(() => published.length === 2, 'two were sent away')
  expect(published.map(({ response }) => response.error)).toEqual(Array(2).fill(expect.stringContaining('Too many')))
  // Another request does not wait for them.
  ask('watchword/bridge/request/quick', Buffer.from('{}'))
  await until(() => published.some(({ topic }) => topic.endsWith('quick')), 'it was answered')
  finish()
  await until(() => published.length === 11, 'all were answered')
  ask('watchword/bridge/request/slow', Buffer.from(''))
  await until(() => published.length === 12, 'there is room again')
  expect(published.at(-1)).toEqual({ topic: 'watchword/bridge/response/slow', response: { data: {}, status: 'ok' } })
})
