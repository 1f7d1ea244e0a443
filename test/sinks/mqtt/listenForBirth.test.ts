import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ConnectError } from '../../../src/sinks/mqtt/connectError.ts'
import type { Connection } from '../../../src/sinks/mqtt/connection.ts'
import { listenForBirth } from '../../../src/sinks/mqtt/listenForBirth.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

async function setUp(discoveryPrefix: string | null, random = 0.5) {
  const filters: string[] = []
  let births = 0
  let say: (topic: string, payload: Buffer) => void = () => undefined
  let close: (reason: ConnectError | null) => void = () => undefined
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(resolve => {
      close = resolve
    }),
    publish: async () => 'acknowledged',
    readRetained: async () => true,
    subscribe: async (filter, onMessage) => {
      filters.push(filter)
      say = onMessage
    },
    end: async () => undefined,
  }
  const onBirth = () => {
    births++
  }
  await listenForBirth(connection, { discoveryPrefix, onBirth, random: () => random })
  return { filters, births: () => births, say: (topic: string, text: string) => say(topic, Buffer.from(text)), close }
}

it('answers a birth message a moment later, and several at once only once', async () => {
  const { filters, births, say } = await setUp('ha')
  expect(filters).toEqual(['ha/status'])
  say('ha/status', 'online')
  say('ha/status', 'online')
  await vi.advanceTimersByTimeAsync(1700)
  expect(births()).toBe(0)
  await vi.advanceTimersByTimeAsync(100)
  expect(births()).toBe(1)
  say('ha/status', 'online')
  await vi.advanceTimersByTimeAsync(3000)
  expect(births()).toBe(2)
})

it('waits at least half a second and at most three seconds', async () => {
  for (const [random, ms] of [
    [0, 500],
    [0.999_999, 3000],
  ] as const) {
    const { births, say } = await setUp('homeassistant', random)
    say('homeassistant/status', 'online')
    await vi.advanceTimersByTimeAsync(ms - 5)
    expect(births()).toBe(0)
    await vi.advanceTimersByTimeAsync(10)
    expect(births()).toBe(1)
  }
})

it('ignores other messages, and a connection that has ended', async () => {
  const { births, say, close } = await setUp('homeassistant')
  say('homeassistant/status', 'offline')
  say('watchword/bridge/request/reload', 'online')
  await vi.advanceTimersByTimeAsync(5000)
  say('homeassistant/status', 'online')
  close(null)
  await vi.advanceTimersByTimeAsync(5000)
  expect(births()).toBe(0)
  expect((await setUp(null)).filters).toEqual([])
})
