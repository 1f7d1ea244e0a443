import { describe, expect, test, vi } from 'vitest'
import { createRequests } from '../../../src/commands/run/createRequests.ts'
import type { Command } from '../../../src/operators/watchState.ts'

function setUp(healthChecks: Record<string, string> = { 'broker/mqtt': 'ok' }) {
  const controls: Command[] = []
  const requests = createRequests({
    cameras: () => ['front', 'back'],
    events: () => ['person_walking'],
    control: control => controls.push(control),
    reload: async () => ['cameras.front'],
    health: () => healthChecks,
    snapshotTimeoutMs: 1000,
  })
  return { requests, controls }
}

test('switches cameras and events, and moves thresholds', async () => {
  const { requests, controls } = setUp()
  await requests('camera', { camera: 'front', enabled: false })
  await requests('event', { event: 'person_walking', enabled: true })
  await requests('threshold', { event: 'person_walking', threshold: 0.7 })
  expect(controls).toEqual([
    { type: 'camera', camera: 'front', enabled: false },
    { type: 'event', event: 'person_walking', camera: null, enabled: true },
    { type: 'threshold', event: 'person_walking', threshold: 0.7 },
  ])
})

test('reloads and tells how things are', async () => {
  const { requests } = setUp()
  expect(await requests('reload', {})).toEqual({ changed: ['cameras.front'] })
  expect(await requests('health_check', undefined)).toEqual({ healthy: true, healthChecks: { 'broker/mqtt': 'ok' } })
})

test('is not healthy while a check is critical', async () => {
  const healthChecks = { 'broker/mqtt': 'warning', 'encoder/int8': 'critical' }
  expect(await setUp(healthChecks).requests('health_check', {})).toEqual({ healthy: false, healthChecks })
})

test('a snapshot is the camera’s next picture', async () => {
  const { requests, controls } = setUp()
  const answer = requests('snapshot', { camera: 'front' })
  await vi.waitFor(() => expect(controls).toHaveLength(1))
  const control = controls[0]
  if (control?.type === 'snapshot') control.deliver({ camera: 'front', at: 1500, jpeg: Uint8Array.of(1, 2, 3) })
  expect(await answer).toEqual({ camera: 'front', time: 1.5, jpeg_base64: 'AQID' })
})

test('a camera that sends nothing is an answer too', async () => {
  vi.useFakeTimers()
  const { requests } = setUp()
  const answer = expect(requests('snapshot', { camera: 'back' })).rejects.toThrow('sent no frame within 1 s')
  await vi.advanceTimersByTimeAsync(1000)
  await answer
  vi.useRealTimers()
})

describe('what is wrong is answered with one sentence and changes nothing', () => {
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
    const { requests, controls } = setUp()
    await expect(requests(name, payload)).rejects.toThrow(expected)
    expect(controls).toEqual([])
  })
})

describe('what a request says is cut before it is quoted', () => {
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
