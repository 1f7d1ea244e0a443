import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTelemetry, type TelemetryHub, type TelemetryOptions } from '../../src/telemetry/createTelemetry.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { change } from '../support/change.ts'
import { everything, statusOf } from './everything.ts'

let lines: string[]
let hub: TelemetryHub
const create = (options: Partial<TelemetryOptions> = {}) => {
  hub = createTelemetry({
    level: 'debug',
    format: 'json',
    redact: createRedactor(['geheim123']),
    write: line => lines.push(line),
    ...options,
  })
  return hub
}
beforeEach(() => {
  lines = []
})
afterEach(() => {
  hub.close()
  vi.useRealTimers()
})

const logged = () => lines.map(line => JSON.parse(line) as { level: string; type: string; msg: string })
async function value(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const metric = await hub.registry.getSingleMetric(name)?.get()
  return metric?.values.find(({ labels: found }) =>
    Object.entries(labels).every(([key, wanted]) => (found as Record<string, unknown>)[key] === wanted),
  )?.value
}

describe('createTelemetry', () => {
  it('accepts every internal event without a failure', () => {
    create()
    for (const internalEvent of everything) hub.emit(internalEvent)
    expect(logged().filter(({ msg }) => msg === 'telemetry failed')).toEqual([])
    expect(logged().length).toBeGreaterThan(20)
  })

  it('makes of one emit a log line and a metric', async () => {
    create()
    hub.emit({ type: 'CameraLost', camera: 'front', reason: 'timeout', detail: 'no frame for 10 s', retryInMs: 2000 })
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'warn',
        type: 'CameraLost',
        camera: 'front',
        msg: 'front: lost (timeout): no frame for 10 s; next attempt in 2 s',
      }),
    ])
    expect(await value('watchword_camera_reconnects_total', { camera: 'front', reason: 'timeout' })).toBe(1)
  })

  it('asks for help with a broker only where it will not help itself', () => {
    create()
    const away = { type: 'MqttDisconnected', url: 'mqtt://broker' } as const
    hub.emit({ ...away, error: 'connect ECONNREFUSED', advice: null })
    hub.emit({ ...away, error: 'Not authorized', advice: 'check `mqtt.password`' })
    expect(logged().map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'warn not connected to mqtt://broker: connect ECONNREFUSED; events wait on disk',
      'error not connected to mqtt://broker: Not authorized; events wait on disk. To do: check `mqtt.password`',
    ])
  })

  it('after a reload, cameras that stay keep their state, and removed ones have no gauges', async () => {
    create()
    const world = (...cameras: string[]) => ({
      cameras: Object.fromEntries(cameras.map(camera => [camera, ['person']])),
      variants: ['int8'],
    })
    const series = async (name: string) =>
      (await hub.registry.getSingleMetric(name)?.get())?.values.map(({ labels, value }) => [labels.camera, value])
    hub.declare(world('front', 'yard'))
    for (const camera of ['front', 'yard']) hub.emit({ type: 'CameraStatusChanged', status: statusOf(camera) })
    hub.declare(world('front', 'gate'))
    // The camera that a reload closes says so once more.
    hub.emit({ type: 'CameraStatusChanged', status: statusOf('yard', { state: 'disabled' }) })
    expect(await series('watchword_camera_up')).toEqual([
      ['front', 1],
      ['gate', 0],
    ])
    hub.declare(world('yard'))
    hub.emit({ type: 'CameraStatusChanged', status: statusOf('yard') })
    expect(await series('watchword_camera_up')).toEqual([['yard', 1]])
  })

  it.each(['pretty', 'colors'] as const)('removes control characters from a line: %s', format => {
    create({ format })
    const error = 'There is no camera "\u001b[2J\u009b31m\r\nforged"'
    hub.emit({ type: 'RequestHandled', request: 'camera', ok: false, error })
    expect(lines.join('')).toContain('forged')
    const colours = ['\u001b[33m', '\u001b[39m']
    const plain = colours.reduce((text, code) => text.replaceAll(code, ''), lines.join(''))
    expect(plain.trimEnd()).not.toMatch(/\p{Cc}/u)
  })

  it('logs nothing per frame at any level', () => {
    create()
    for (const internalEvent of everything.filter(({ type }) => /^(Frame|Batch|Stage|Score|Shadow)/.test(type)))
      hub.emit(internalEvent)
    expect(lines).toEqual([])
  })

  it('counts frames so that received = encoded + skipped + dropped + in flight', async () => {
    create()
    for (let i = 0; i < 10; i++) hub.emit({ type: 'FrameReceived', camera: 'front', capturedAt: 1000 * i })
    hub.emit({ type: 'FrameSkipped', camera: 'front' })
    hub.emit({ type: 'FramesDropped', camera: 'front', reason: 'stale', count: 3 })
    // Two of the images are crops: they are no frames.
    const cameras = ['front', 'front', 'front', 'front']
    hub.emit({ type: 'BatchEncoded', variant: 'int8', size: 6, seconds: 0.1, cameras })
    hub.emit({ type: 'ViewsCounted', camera: 'front', view: 'crop', outcome: 'encoded', count: 2 })
    // A shadow sees frames a second time: they are not counted again.
    hub.emit({ type: 'ShadowCompared', variant: 'fp32', size: 4, seconds: 0.2, cosineMin: 0.9, cosineMean: 0.95 })
    expect(await value('watchword_frames_in_flight')).toBe(2)
    expect(await value('watchword_frames_encoded_total', { variant: 'fp32' })).toBeUndefined()
    expect(await value('watchword_camera_last_frame_timestamp_seconds', { camera: 'front' })).toBe(9)
  })

  it('shows an event as active until it ends, and a camera with its problem', async () => {
    create()
    const labels = { camera: 'front', event: 'person_walking' }
    hub.emit({ type: 'EventChanged', change: change('new', 'a', 0) })
    expect(await value('watchword_event_active', labels)).toBe(1)
    hub.emit({ type: 'EventChanged', change: change('end', 'a', 1) })
    expect(await value('watchword_event_active', labels)).toBe(0)
    hub.emit({ type: 'CameraStatusChanged', status: statusOf('front', { problem: 'frozen' }) })
    expect(await value('watchword_camera_up', { camera: 'front' })).toBe(1)
    expect(await value('watchword_camera_problem', { problem: 'frozen' })).toBe(1)
    expect(await value('watchword_camera_problem', { problem: 'dark' })).toBe(0)
  })

  it('leaves replayed events out of the latency', async () => {
    create()
    const delivered = { type: 'EventDelivered', camera: 'front', event: 'person_walking' } as const
    hub.emit({ ...delivered, latencySeconds: 0.2, replayed: false })
    hub.emit({ ...delivered, latencySeconds: 9999, replayed: true })
    const text = await hub.registry.metrics()
    expect(text).toContain('watchword_event_latency_seconds_count 1')
    expect(await value('watchword_event_changes_delivered_total', { replayed: 'true' })).toBe(1)
  })

  it('starts every series of a counter at 0: whatever is counted later was there before', async () => {
    create()
    hub.declare({ cameras: { front: ['person_walking'] }, variants: ['int8', 'fp32'] })
    const series = async () =>
      (await hub.registry.getMetricsAsJSON())
        .filter(({ type }) => (type as unknown as string) !== 'gauge')
        .flatMap(({ name, values }) => values.map(({ labels }) => `${name}${JSON.stringify(labels)}`))
    const before = await series()
    for (const internalEvent of everything) hub.emit(internalEvent)
    for (const sink of ['outbox', 'journal', 'snapshots'] as const)
      hub.emit({ type: 'SinkFailed', sink, error: 'ENOSPC' })
    for (const reason of ['timeout', 'refused', 'eof', 'not-found', 'crash', 'frozen', 'invalid-data'] as const)
      hub.emit({ type: 'CameraLost', camera: 'front', reason, detail: '', retryInMs: 0 })
    for (const reason of ['encoder', 'shutdown', 'corrupt'] as const)
      hub.emit({ type: 'FramesDropped', camera: 'front', reason, count: 1 })
    for (const bound of ['bytes', 'age'] as const) hub.emit({ type: 'OutboxDropped', count: 1, bound })
    for (const stage of ['wait', 'publish'] as const) hub.emit({ type: 'StageTimed', stage, seconds: 1 })
    hub.emit({ type: 'RequestHandled', request: 'reload', ok: false, error: 'no' })
    const after = await series()
    expect(after.filter(each => !before.includes(each))).toEqual([])
  })

  it('has a gauge for whether a camera should deliver frames', async () => {
    create()
    hub.declare({ cameras: { front: [] }, variants: [] })
    const enabled = () => value('watchword_camera_enabled', { camera: 'front' })
    expect(await enabled()).toBe(1)
    for (const [state, expected] of [
      ['disabled', 0],
      ['connecting', 1],
      ['offline', 1],
      ['ended', 0],
      ['online', 1],
      ['disabled', 0],
    ] as const) {
      hub.emit({ type: 'CameraStatusChanged', status: statusOf('front', { state }) })
      expect(await enabled(), state).toBe(expected)
    }
    // A reload that keeps it changes nothing.
    hub.declare({ cameras: { front: ['person_walking'] }, variants: [] })
    expect(await enabled()).toBe(0)
    hub.declare({ cameras: {}, variants: [] })
    expect(await enabled()).toBeUndefined()
  })

  it('starts declared series at 0 and removes the gauges of a removed camera', async () => {
    create()
    hub.declare({ cameras: { front: ['person_walking'], yard: [] }, variants: ['int8'] })
    expect(await value('watchword_event_changes_total', { camera: 'front', type: 'new' })).toBe(0)
    expect(await value('watchword_camera_up', { camera: 'yard' })).toBe(0)
    expect(await value('watchword_frames_encoded_total', { variant: 'int8' })).toBe(0)
    hub.declare({ cameras: { front: ['person_walking'] }, variants: ['int8'] })
    expect(await value('watchword_camera_up', { camera: 'yard' })).toBeUndefined()
    expect(await value('watchword_camera_up', { camera: 'front' })).toBe(0)
  })

  it('sums a flood into its first line and one line a second', () => {
    vi.useFakeTimers()
    create()
    for (let i = 1; i <= 38; i++) hub.emit({ type: 'DecodeErrors', camera: 'front', count: 1, last: `no. ${i}` })
    hub.emit({ type: 'DecodeErrors', camera: 'yard', count: 1, last: 'another camera' })
    expect(lines).toHaveLength(2)
    vi.advanceTimersByTime(1000)
    expect(logged().map(({ msg }) => msg)).toEqual([
      'front: a decoder complaint: no. 1',
      'yard: a decoder complaint: another camera',
      '37 more in 1 s, last: front: a decoder complaint: no. 38',
    ])
    vi.advanceTimersByTime(5000)
    expect(lines).toHaveLength(3)
  })

  it('writes held lines when it closes', () => {
    vi.useFakeTimers()
    create()
    for (let i = 0; i < 3; i++) hub.emit({ type: 'OutboxDropped', count: 1, bound: 'age' })
    hub.close()
    expect(logged().at(-1)?.msg).toMatch(/^2 more in 1 s/)
  })

  it.each(['json', 'pretty', 'colors'] as const)('shows no secret in format %s', format => {
    create({ format })
    const detail = 'rtsp://admin:geheim123@cam/ said 401 to geheim123'
    hub.emit({ type: 'CameraLost', camera: 'front', reason: 'auth', detail, retryInMs: 0 })
    hub.emit({ type: 'ConfigRejected', errors: [detail] })
    expect(lines.join('')).not.toContain('geheim123')
    expect(lines.join('')).toContain('rtsp://***@cam/ said 401 to ***')
  })

  it('prints lines for eyes, with the level', () => {
    create({ format: 'pretty', level: 'info' })
    hub.emit({ type: 'CameraConnecting', camera: 'front', attempt: 1 })
    hub.emit({ type: 'CameraConnected', camera: 'front', attempt: 1 })
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d info {2}front: connected\n$/)])
  })

  it('never throws: a internalEvent it does not know is let go', () => {
    create()
    expect(() => hub.emit({ type: 'Unheard' } as never)).not.toThrow()
    expect(() => hub.emit({ type: 'CameraStatusChanged' } as never)).not.toThrow()
    expect(logged().at(-1)?.msg).toBe('telemetry failed')
  })
})
