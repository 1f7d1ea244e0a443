import { describe, expect, test, vi } from 'vitest'
import { createRequests } from '../../../src/commands/run/createRequests.ts'
import type { Command } from '../../../src/operators/watchState.ts'

function setUp(states: Record<string, string> = { 'broker/mqtt': 'ok' }) {
  const commands: Command[] = []
  const requests = createRequests({
    cameras: () => ['front', 'back'],
    events: () => ['person_walking', 'van'],
    lacksZone: (event, camera) => event === 'van' && camera === 'back',
    request: command => commands.push(command),
    reload: async () => ['cameras.front'],
    health: () => new Map(Object.entries(states)),
    answer: async (id, right) => ({ id, right }),
    snapshotTimeoutMs: 1000,
  })
  return { requests, commands }
}

test('switches cameras and events, and moves thresholds', async () => {
  const { requests, commands } = setUp()
  await requests('camera', { camera: 'front', enabled: false })
  await requests('event', { event: 'person_walking', enabled: true })
  await requests('threshold', { event: 'person_walking', threshold: 0.7 })
  expect(commands).toEqual([
    { type: 'camera', camera: 'front', enabled: false },
    { type: 'event', event: 'person_walking', camera: null, enabled: true },
    { type: 'threshold', event: 'person_walking', threshold: 0.7 },
  ])
})

test('an event that is tied to zones is switched on only where the camera has one, and off anywhere', async () => {
  const { requests, commands } = setUp()
  await expect(requests('event', { event: 'van', camera: 'back', enabled: true })).rejects.toThrow(
    'Event "van" is tied to zones, and camera "back" has none of them',
  )
  expect(commands).toEqual([])
  await requests('event', { event: 'van', camera: 'back', enabled: false })
  await requests('event', { event: 'van', camera: 'front', enabled: true })
  expect(commands).toHaveLength(2)
})

test('reloads, and returns the health checks', async () => {
  const { requests } = setUp()
  expect(await requests('reload', {})).toEqual({ changed: ['cameras.front'] })
  expect(await requests('health_check', undefined)).toEqual({ healthy: true, checks: { 'broker/mqtt': 'ok' } })
})

test('is not healthy while a check is critical', async () => {
  const states = { 'broker/mqtt': 'warning', 'encoder/int8': 'critical' }
  expect(await setUp(states).requests('health_check', {})).toEqual({ healthy: false, checks: states })
})

test('an answer to an event is passed on; anything else is refused', async () => {
  const { requests } = setUp()
  expect(await requests('answer', { id: '1', right: false })).toEqual({ id: '1', right: false })
  for (const payload of [{}, { id: '1' }, { id: '', right: true }, { id: '1', right: 'yes' }, { id: 1, right: true }])
    await expect(requests('answer', payload)).rejects.toThrow(/^Expected another payload: /)
})

test('a snapshot is the JPEG of the camera’s next frame', async () => {
  const { requests, commands } = setUp()
  const answer = requests('snapshot', { camera: 'front' })
  await vi.waitFor(() => expect(commands).toHaveLength(1))
  const command = commands[0]
  if (command?.type === 'snapshot') command.deliver({ camera: 'front', at: 1500, jpeg: Uint8Array.of(1, 2, 3) })
  expect(await answer).toEqual({ camera: 'front', time: 1.5, jpeg_base64: 'AQID' })
})

test('a camera without a frame is answered with an error after the timeout', async () => {
  vi.useFakeTimers()
  const { requests } = setUp()
  const answer = expect(requests('snapshot', { camera: 'back' })).rejects.toThrow('sent no frame within 1 s')
  await vi.advanceTimersByTimeAsync(1000)
  await answer
  vi.useRealTimers()
})

describe('a wrong request is answered with one sentence and changes nothing', () => {
  test.each([
    ['dance', {}, /There is no request "dance"; known requests: reload/],
    ['constructor', {}, /There is no request/],
    ['camera', { camera: 'frnt', enabled: true }, /There is no camera "frnt"; did you mean `front`\?/],
    ['camera', { camera: 'front' }, /enabled/],
    ['camera', { camera: 'front', enabled: true, also: 1 }, /also/],
    ['event', { event: 'person_walking', camera: 'attic', enabled: true }, /There is no camera "attic"/],
    ['threshold', { event: 'person_walking', threshold: 7 }, /threshold/],
    ['reload', [1], /Expected another payload/],
    ['snapshot', 'front', /Expected another payload/],
  ])('%s %j', async (name, payload, expected) => {
    const { requests, commands } = setUp()
    await expect(requests(name, payload)).rejects.toThrow(expected)
    expect(commands).toEqual([])
  })
})

describe('text of a request is shortened before it is quoted', () => {
  const long = '?key'.repeat(4000)
  test.each<[string, string, unknown]>([
    ['a camera', 'camera', { camera: long, enabled: true }],
    ['an event', 'event', { event: long, enabled: true }],
    ['a key', 'camera', { [long]: 1 }],
    ['a value of a wrong type', 'threshold', { event: 'person_walking', threshold: long }],
  ])('%s of 16 KB', async (_, name, payload) => {
    const error = await setUp()
      .requests(name, payload)
      .catch((reason: Error) => reason)
    expect((error as Error).message.length).toBeLessThan(1000)
  })
})
