import { expect, test } from 'vitest'
import { createHealthChecks, DEFAULT_LIMITS } from '../../src/telemetry/healthChecks.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { CameraStatus } from '../../src/types.ts'

function start(wantedFps: Record<string, number> = {}) {
  const told: string[] = []
  const first: string[] = []
  const emit = (internalEvent: InternalEvent) => {
    if (internalEvent.type !== 'HealthChanged') return
    const { check, subject, before, state } = internalEvent
    const isNews = before !== null || state !== 'ok'
    ;(isNews ? told : first).push(`${check}/${subject} ${state}`)
  }
  return { told, first, dogs: createHealthChecks({ ...DEFAULT_LIMITS, wantedFps }, { emit }) }
}
const status = (
  state: CameraStatus['state'],
  problem: CameraStatus['problem'] = null,
  camera = 'a',
): InternalEvent => ({
  type: 'CameraStatusChanged',
  status: {
    kind: 'status',
    camera,
    at: 0,
    state,
    problem,
    reason: state === 'offline' ? 'timeout' : null,
    detail: null,
    retryInMs: null,
  },
})
const quiet = { eventLoopSeconds: 0.001, disks: [] }

test('what is well from the start is told as well, once: its topic may still say what a killed run saw', () => {
  const { told, first, dogs } = start()
  for (const now of [0, 1, 2]) {
    dogs.observe(status('online'), now)
    dogs.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, now)
    dogs.measure({ ...quiet, now })
  }
  expect(told).toEqual([])
  expect(first).toEqual([
    'camera/a ok',
    'picture/a ok',
    'broker/mqtt ok',
    'frame_rate/a ok',
    'decoder/a ok',
    'event_loop/main ok',
  ])
})

test('a camera that is switched off complains no more', () => {
  const { told, dogs } = start()
  dogs.observe(status('online', 'dark'), 0)
  dogs.observe({ type: 'DecodeErrors', camera: 'a', count: 61, last: 'error' }, 0)
  dogs.measure({ ...quiet, now: 1 })
  dogs.observe(status('disabled'), 2)
  expect(told).toEqual(['picture/a warning', 'decoder/a warning', 'picture/a ok', 'decoder/a ok'])
})

test('a reload takes cameras away with all that was judged of them, and brings new rates', () => {
  const { told, dogs } = start({ a: 1 })
  dogs.observe(status('online'), 0)
  dogs.observe(status('offline'), 1)
  expect(dogs.watch({ b: 10 })).toEqual([
    { check: 'camera', subject: 'a' },
    { check: 'picture', subject: 'a' },
  ])
  dogs.observe(status('disabled'), 2)
  expect([...dogs.states()]).toEqual([])
  dogs.observe(status('online', null, 'b'), 3)
  for (let at = 0; at < 60_000; at += 1000) dogs.observe({ type: 'FrameReceived', camera: 'b', capturedAt: at }, at)
  dogs.measure({ ...quiet, now: 60_000 })
  expect(told).toEqual(['camera/a critical', 'frame_rate/b warning'])
  dogs.watch({ a: 1, b: 10 })
  dogs.observe(status('offline'), 60_001)
  expect(told.at(-1)).toBe('camera/a critical')
})

test('a lost camera is critical once, and well again once', () => {
  const { told, dogs } = start()
  for (const state of ['connecting', 'online', 'offline', 'connecting', 'offline', 'online', 'online'] as const)
    dogs.observe(status(state), 0)
  expect(told).toEqual(['camera/a critical', 'camera/a ok'])
})

test('a frozen picture is a warning of its own', () => {
  const { told, dogs } = start()
  dogs.observe(status('online'), 0)
  dogs.observe(status('online', 'frozen'), 1)
  dogs.observe({ type: 'CameraProblemChanged', camera: 'a', problem: null }, 2)
  expect(told).toEqual(['picture/a warning', 'picture/a ok'])
})

test('a camera far below its wanted rate is slow, after half a minute of proof', () => {
  const { told, dogs } = start({ a: 2 })
  dogs.observe(status('online'), 0)
  for (let at = 0; at < 80_000; at += 1500) {
    dogs.observe({ type: 'FrameReceived', camera: 'a', capturedAt: at }, at)
    dogs.measure({ ...quiet, now: at })
    if (at < 29_000) expect(told).toEqual([])
  }
  expect(told).toEqual(['frame_rate/a warning'])
  for (let at = 80_000; at < 140_000; at += 500)
    dogs.observe({ type: 'FrameReceived', camera: 'a', capturedAt: at }, at)
  dogs.measure({ ...quiet, now: 140_000 })
  expect(told).toEqual(['frame_rate/a warning', 'frame_rate/a ok'])
})

test('a flood of decoder complaints warns, and the minute forgets', () => {
  const { told, dogs } = start()
  dogs.observe(status('online'), 0)
  dogs.observe({ type: 'DecodeErrors', camera: 'a', count: 61, last: 'error' }, 1000)
  dogs.measure({ ...quiet, now: 2000 })
  dogs.measure({ ...quiet, now: 70_000 })
  expect(told).toEqual(['decoder/a warning', 'decoder/a ok'])
})

test('the encoder is critical from its crash to its next batch', () => {
  const { told, dogs } = start()
  dogs.observe({ type: 'EncoderCrashed', variant: 'int8', error: 'exit 1', framesLost: 2 }, 0)
  dogs.observe({ type: 'BatchEncoded', variant: 'int8', size: 1, seconds: 0.01, cameras: ['a'] }, 10)
  expect(told).toEqual(['encoder/int8 critical', 'encoder/int8 ok'])
})

test('an encoder that is back is well again, also while no frame comes', () => {
  const { told, dogs } = start()
  dogs.observe({ type: 'EncoderCrashed', variant: 'int8', error: 'exit 1', framesLost: 0 }, 0)
  dogs.observe({ type: 'EncoderRestarted', variant: 'int8', restarts: 1 }, 100)
  expect(told).toEqual(['encoder/int8 critical', 'encoder/int8 ok'])
})

test('a broker away warns at once and is critical when it stays away', () => {
  const { told, dogs } = start()
  dogs.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, 0)
  dogs.observe({ type: 'MqttDisconnected', url: 'mqtt://b', error: 'gone', advice: null }, 1000)
  dogs.measure({ ...quiet, now: 60_999 })
  expect(told).toEqual(['broker/mqtt warning'])
  dogs.measure({ ...quiet, now: 61_000 })
  dogs.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, 62_000)
  expect(told).toEqual(['broker/mqtt warning', 'broker/mqtt critical', 'broker/mqtt ok'])
})

test('a broker that does not let us in is critical at once, and for no other reason any better until it does', () => {
  const { told, dogs } = start()
  const away = (error: string, advice: string | null): InternalEvent => {
    return { type: 'MqttDisconnected', url: 'mqtt://b', error, advice }
  }
  dogs.observe(away('connect ECONNREFUSED', null), 0)
  dogs.observe(away('not authorized', 'check the password'), 1000)
  dogs.observe(away('connect ECONNREFUSED', null), 2000)
  dogs.measure({ ...quiet, now: 70_000 })
  dogs.observe(away('getaddrinfo ENOTFOUND', null), 71_000)
  dogs.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, 72_000)
  expect(told.filter(each => each.startsWith('broker'))).toEqual([
    'broker/mqtt warning',
    'broker/mqtt critical',
    'broker/mqtt ok',
  ])
})

test('a slow event loop and a filling disk: worse at once, better after a while', () => {
  const { told, dogs } = start()
  dogs.measure({ now: 0, eventLoopSeconds: 0.5, disks: [{ path: '/data', freeBytes: 400e6 }] })
  dogs.measure({ now: 5000, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 40e6 }] })
  dogs.measure({ now: 29_999, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 4e9 }] })
  dogs.measure({ now: 30_000, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 4e9 }] })
  dogs.measure({ now: 35_000, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 4e9 }] })
  expect(told).toEqual([
    'event_loop/main warning',
    'disk//data warning',
    'disk//data critical',
    'disk//data warning',
    'event_loop/main ok',
    'disk//data ok',
  ])
  dogs.measure({ now: 36_000, eventLoopSeconds: 4, disks: [] })
  expect(told.at(-1)).toBe('event_loop/main critical')
})

test('what hovers about its limit is told once, not at every measurement', () => {
  const { told, dogs } = start({ a: 2.02 })
  dogs.observe(status('online'), 0)
  for (let now = 0; now < 600_000; now += 5000) {
    // 60 or 61 in every minute, frames as well as complaints: the limits lie between.
    const count = (now / 5000) % 3 === 0 ? 4 : 5
    for (let each = 0; each < count; each++) dogs.observe({ type: 'FrameReceived', camera: 'a', capturedAt: now }, now)
    dogs.observe({ type: 'DecodeErrors', camera: 'a', count, last: 'error' }, now)
    dogs.measure({
      now,
      eventLoopSeconds: count / 22.5,
      disks: [{ path: '/data', freeBytes: count * 111e6 }],
    })
  }
  expect(told.toSorted()).toEqual([
    'decoder/a warning',
    'disk//data warning',
    'event_loop/main warning',
    'frame_rate/a warning',
  ])
})

test('a camera that is switched on again begins anew: nothing is held against it', () => {
  const { told, dogs } = start({ a: 2 })
  dogs.observe(status('online'), 0)
  dogs.measure({ ...quiet, now: 40_000 })
  dogs.observe(status('disabled'), 41_000)
  dogs.observe(status('online'), 42_000)
  dogs.measure({ ...quiet, now: 45_000 })
  expect(told).toEqual(['frame_rate/a warning', 'frame_rate/a ok'])
})

test('delivery that makes no progress is a warning, then critical, and ok again when a change leaves', () => {
  const { told, dogs } = start()
  for (const stalledSeconds of [0, 5, 59, 60, 100, 180, 900, 0])
    dogs.observe({ type: 'DeliveryMeasured', oldestSeconds: stalledSeconds, stalledSeconds }, 0)
  expect(told).toEqual(['delivery/mqtt warning', 'delivery/mqtt critical', 'delivery/mqtt ok'])
})
