import { expect, test } from 'vitest'
import { createHealthChecks } from '../../src/telemetry/healthChecks.ts'
import { DEFAULT_LIMITS } from '../../src/telemetry/healthLimits.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { CameraStatus } from '../../src/types.ts'

function start(wantedFps: Record<string, number> = {}) {
  const changes: string[] = []
  const first: string[] = []
  const emit = (internalEvent: InternalEvent) => {
    if (internalEvent.type !== 'HealthChanged') return
    const { check, subject, before, state } = internalEvent
    const isNews = before !== null || state !== 'ok'
    ;(isNews ? changes : first).push(`${check}/${subject} ${state}`)
  }
  return { changes, first, checks: createHealthChecks({ ...DEFAULT_LIMITS, wantedFps }, { emit }) }
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

test('a check that is ok from the start is reported, once: its topic may still say what a killed run saw', () => {
  const { changes, first, checks } = start()
  for (const now of [0, 1, 2]) {
    checks.observe(status('online'), now)
    checks.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, now)
    checks.measure({ ...quiet, now })
  }
  expect(changes).toEqual([])
  expect(first).toEqual([
    'camera/a ok',
    'image/a ok',
    'broker/mqtt ok',
    'frame_rate/a ok',
    'decoder/a ok',
    'event_loop/main ok',
  ])
})

test('a camera that is switched off complains no more', () => {
  const { changes, checks } = start()
  checks.observe(status('online', 'dark'), 0)
  checks.observe({ type: 'DecodeErrors', camera: 'a', count: 61, last: 'error' }, 0)
  checks.measure({ ...quiet, now: 1 })
  checks.observe(status('disabled'), 2)
  expect(changes).toEqual(['image/a warning', 'decoder/a warning', 'image/a ok', 'decoder/a ok'])
})

test('a reload removes cameras with all of their checks, and changes rates', () => {
  const { changes, checks } = start({ a: 1 })
  checks.observe(status('online'), 0)
  checks.observe(status('offline'), 1)
  expect(checks.watch({ b: 10 })).toEqual([
    { check: 'camera', subject: 'a' },
    { check: 'image', subject: 'a' },
  ])
  checks.observe(status('disabled'), 2)
  expect([...checks.states()]).toEqual([])
  checks.observe(status('online', null, 'b'), 3)
  for (let at = 0; at < 60_000; at += 1000) checks.observe({ type: 'FrameReceived', camera: 'b', capturedAt: at }, at)
  checks.measure({ ...quiet, now: 60_000 })
  expect(changes).toEqual(['camera/a critical', 'frame_rate/b warning'])
  checks.watch({ a: 1, b: 10 })
  checks.observe(status('offline'), 60_001)
  expect(changes.at(-1)).toBe('camera/a critical')
})

test('a lost camera is critical once, and well again once', () => {
  const { changes, checks } = start()
  for (const state of ['connecting', 'online', 'offline', 'connecting', 'offline', 'online', 'online'] as const)
    checks.observe(status(state), 0)
  expect(changes).toEqual(['camera/a critical', 'camera/a ok'])
})

test('a frozen image is a separate warning', () => {
  const { changes, checks } = start()
  checks.observe(status('online'), 0)
  checks.observe(status('online', 'frozen'), 1)
  checks.observe({ type: 'CameraProblemChanged', camera: 'a', problem: null }, 2)
  expect(changes).toEqual(['image/a warning', 'image/a ok'])
})

test('a camera far below its wanted rate is slow, after half a minute of proof', () => {
  const { changes, checks } = start({ a: 2 })
  checks.observe(status('online'), 0)
  for (let at = 0; at < 80_000; at += 1500) {
    checks.observe({ type: 'FrameReceived', camera: 'a', capturedAt: at }, at)
    checks.measure({ ...quiet, now: at })
    if (at < 29_000) expect(changes).toEqual([])
  }
  expect(changes).toEqual(['frame_rate/a warning'])
  for (let at = 80_000; at < 140_000; at += 500)
    checks.observe({ type: 'FrameReceived', camera: 'a', capturedAt: at }, at)
  checks.measure({ ...quiet, now: 140_000 })
  expect(changes).toEqual(['frame_rate/a warning', 'frame_rate/a ok'])
})

test('a flood of decoder complaints warns, and the minute forgets', () => {
  const { changes, checks } = start()
  checks.observe(status('online'), 0)
  checks.observe({ type: 'DecodeErrors', camera: 'a', count: 61, last: 'error' }, 1000)
  checks.measure({ ...quiet, now: 2000 })
  checks.measure({ ...quiet, now: 70_000 })
  expect(changes).toEqual(['decoder/a warning', 'decoder/a ok'])
})

test('the encoder is critical from its crash to its next batch', () => {
  const { changes, checks } = start()
  checks.observe({ type: 'EncoderCrashed', variant: 'int8', error: 'exit 1', framesLost: 2 }, 0)
  checks.observe({ type: 'BatchEncoded', variant: 'int8', size: 1, seconds: 0.01, cameras: ['a'] }, 10)
  expect(changes).toEqual(['encoder/int8 critical', 'encoder/int8 ok'])
})

test('an encoder that is back is well again, also while no frame comes', () => {
  const { changes, checks } = start()
  checks.observe({ type: 'EncoderCrashed', variant: 'int8', error: 'exit 1', framesLost: 0 }, 0)
  checks.observe({ type: 'EncoderRestarted', variant: 'int8', restarts: 1 }, 100)
  expect(changes).toEqual(['encoder/int8 critical', 'encoder/int8 ok'])
})

test('a broker away warns at once and is critical when it stays away', () => {
  const { changes, checks } = start()
  checks.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, 0)
  checks.observe({ type: 'MqttDisconnected', url: 'mqtt://b', error: 'gone', advice: null }, 1000)
  checks.measure({ ...quiet, now: 60_999 })
  expect(changes).toEqual(['broker/mqtt warning'])
  checks.measure({ ...quiet, now: 61_000 })
  checks.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, 62_000)
  expect(changes).toEqual(['broker/mqtt warning', 'broker/mqtt critical', 'broker/mqtt ok'])
})

test('a broker that does not let us in is critical at once, and for no other reason any better until it does', () => {
  const { changes, checks } = start()
  const away = (error: string, advice: string | null): InternalEvent => {
    return { type: 'MqttDisconnected', url: 'mqtt://b', error, advice }
  }
  checks.observe(away('connect ECONNREFUSED', null), 0)
  checks.observe(away('not authorized', 'check the password'), 1000)
  checks.observe(away('connect ECONNREFUSED', null), 2000)
  checks.measure({ ...quiet, now: 70_000 })
  checks.observe(away('getaddrinfo ENOTFOUND', null), 71_000)
  checks.observe({ type: 'MqttConnected', url: 'mqtt://b', protocol: 5 }, 72_000)
  expect(changes.filter(each => each.startsWith('broker'))).toEqual([
    'broker/mqtt warning',
    'broker/mqtt critical',
    'broker/mqtt ok',
  ])
})

test('a slow event loop and a filling disk: worse at once, better after a while', () => {
  const { changes, checks } = start()
  checks.measure({ now: 0, eventLoopSeconds: 0.5, disks: [{ path: '/data', freeBytes: 400e6 }] })
  checks.measure({ now: 5000, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 40e6 }] })
  checks.measure({ now: 29_999, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 4e9 }] })
  checks.measure({ now: 30_000, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 4e9 }] })
  checks.measure({ now: 35_000, eventLoopSeconds: 0.001, disks: [{ path: '/data', freeBytes: 4e9 }] })
  expect(changes).toEqual([
    'event_loop/main warning',
    'disk//data warning',
    'disk//data critical',
    'disk//data warning',
    'event_loop/main ok',
    'disk//data ok',
  ])
  checks.measure({ now: 36_000, eventLoopSeconds: 4, disks: [] })
  expect(changes.at(-1)).toBe('event_loop/main critical')
  checks.measure({ now: 41_000, eventLoopSeconds: 4, disks: [{ path: '/data', freeBytes: 'hangs' }] })
  expect(changes.at(-1)).toBe('disk//data critical')
})

test('what hovers about its limit is changes once, not at every measurement', () => {
  const { changes, checks } = start({ a: 2.02 })
  checks.observe(status('online'), 0)
  for (let now = 0; now < 600_000; now += 5000) {
    // 60 or 61 in every minute, frames as well as complaints: the limits lie between.
    const count = (now / 5000) % 3 === 0 ? 4 : 5
    for (let each = 0; each < count; each++)
      checks.observe({ type: 'FrameReceived', camera: 'a', capturedAt: now }, now)
    checks.observe({ type: 'DecodeErrors', camera: 'a', count, last: 'error' }, now)
    checks.measure({
      now,
      eventLoopSeconds: count / 22.5,
      disks: [{ path: '/data', freeBytes: count * 111e6 }],
    })
  }
  expect(changes.toSorted()).toEqual([
    'decoder/a warning',
    'disk//data warning',
    'event_loop/main warning',
    'frame_rate/a warning',
  ])
})

test('a camera that is switched on again starts without its earlier errors', () => {
  const { changes, checks } = start({ a: 2 })
  checks.observe(status('online'), 0)
  checks.measure({ ...quiet, now: 40_000 })
  checks.observe(status('disabled'), 41_000)
  checks.observe(status('online'), 42_000)
  checks.measure({ ...quiet, now: 45_000 })
  expect(changes).toEqual(['frame_rate/a warning', 'frame_rate/a ok'])
})

test('delivery that makes no progress is a warning, then critical, and ok again when a change leaves', () => {
  const { changes, checks } = start()
  for (const stalledSeconds of [0, 5, 59, 60, 100, 180, 900, 0])
    checks.observe({ type: 'DeliveryMeasured', oldestSeconds: stalledSeconds, stalledSeconds }, 0)
  expect(changes).toEqual(['delivery/mqtt warning', 'delivery/mqtt critical', 'delivery/mqtt ok'])
})
