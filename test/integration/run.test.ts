/** The main job, on real parts: footage on a real RTSP server goes in, events come out on a real Mosquitto. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { demoClip } from '../support/demoClip.ts'
import { frameCounts } from '../support/frameCounts.ts'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { dataDirectory, type Product, startProduct } from '../support/product.ts'
import { hasRtspServer, type RtspServer, startRtspServer } from '../support/rtspServer.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'c4mera-s3cret'
const present = hasRtspServer() && (hasMosquitto || process.env.CI !== undefined)

describe.skipIf(!present)('watchword run', () => {
  let broker: Mosquitto
  let yard: RtspServer
  let gate: RtspServer
  let data: ReturnType<typeof dataDirectory>
  let listener: MqttClient
  let service: Product | null = null
  const received: { topic: string; payload: Buffer; retain: boolean }[] = []

  beforeAll(async () => {
    const video = await demoClip({ seed: 'run test', view: 'street', durationSeconds: 60 })
    broker = await startMosquitto()
    yard = await startRtspServer({ video, login: { user: 'viewer', password: PASSWORD } })
    gate = await startRtspServer({ video })
    listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`)
    listener.on('message', (topic, payload, { retain }) => received.push({ topic, payload, retain }))
    await listener.subscribeAsync('#', { qos: 1 })
  })
  afterAll(async () => {
    await listener.endAsync()
    await Promise.all([yard.stop(), gate.stop(), broker.remove()])
  })
  beforeEach(() => {
    data = dataDirectory()
    received.length = 0
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      console.error(
        service?.output(),
        received.map(({ topic }) => topic),
      )
    await service?.stop('SIGKILL')
    service = null
    data.remove()
  })

  const config = (more: Record<string, unknown> = {}) => ({
    mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
    metrics: { port: 0 },
    cameras: { yard: { url: yard.url, fps: 2 }, gate: { url: gate.url, fps: 2, stall_timeout: '3s' } },
    ...more,
  })
  const last = (topic: string) => received.findLast(message => message.topic === topic)?.payload.toString()
  const changes = () =>
    received.filter(({ topic }) => topic === 'watchword/events').map(({ payload }) => JSON.parse(String(payload)))
  const ask = async (name: string, payload: unknown) => {
    received.length = 0
    await listener.publishAsync(`watchword/bridge/request/${name}`, JSON.stringify(payload))
    await until(() => last(`watchword/bridge/response/${name}`) !== undefined, `an answer to ${name}`, 15_000)
    return JSON.parse(last(`watchword/bridge/response/${name}`) ?? '')
  }

  test('does the main job, its counts add up, no secret leaks, and stops in order', async () => {
    service = await startProduct(data.path, config())
    await until(() => changes().some(({ type }) => type === 'new'), 'an event on MQTT', 90_000)

    const { after, replayed } = changes().find(({ type }) => type === 'new')
    const base = `watchword/${after.camera}/${after.event}`
    expect(replayed).toBe(false)
    expect(last('watchword/bridge/state')).toBe('online')
    expect(last(`watchword/${after.camera}/availability`)).toBe('online')
    await until(() => last(`${base}/snapshot`) !== undefined, 'a snapshot')
    expect(received.find(({ topic }) => topic === `${base}/snapshot`)?.payload.subarray(0, 2)).toEqual(
      Buffer.of(0xff, 0xd8),
    )
    expect(JSON.parse(last('homeassistant/device/watchword_yard/config') ?? '')).toHaveProperty('components')

    const counts = frameCounts(await service.metrics())
    expect(counts.received).toBeGreaterThan(0)
    expect(counts.received).toBe(counts.encoded + counts.skipped + counts.dropped + counts.inFlight)

    expect(await service.stop('SIGTERM')).toBe(0)
    await until(() => last('watchword/bridge/state') === 'stopped', 'the `stopped` message')
    const open = new Map(changes().map(({ type, after: event }) => [event.id, type]))
    expect([...open.values()].filter(type => type !== 'end')).toEqual([])
    const on = received.filter(({ topic }) => topic.endsWith('/state') && topic.split('/').length === 4)
    for (const { topic } of on) expect(last(topic)).toBe('OFF')

    const journal = readFileSync(join(data.path, 'events.jsonl'), 'utf8')
    const ids = (text: string) => new Set(text.match(/"id":"[^"]+"/g))
    expect(ids(journal)).toEqual(
      ids(
        changes()
          .map(change => JSON.stringify(change))
          .join('\n'),
      ),
    )
    const everything = [service.output(), journal, ...received.map(({ topic, payload }) => `${topic} ${payload}`)].join(
      '\n',
    )
    expect(everything).not.toContain(PASSWORD)
  })

  test('one camera that stands still delays no other, is offline in time, and comes back', async () => {
    service = await startProduct(data.path, config())
    await until(() => last('watchword/gate/availability') === 'online', 'the gate')
    gate.pause()
    await until(() => last('watchword/gate/availability') === 'offline', 'the gate is lost', 30_000)
    const before = await service.metric('watchword_frames_received_total', /yard/)
    await vi.waitFor(async () => {
      expect(await service?.metric('watchword_frames_received_total', /yard/)).toBeGreaterThan(before + 4)
    }, 30_000)
    gate.resume()
    await until(() => last('watchword/gate/availability') === 'online', 'the gate is back', 60_000)
    expect(await service.metric('watchword_camera_reconnects_total', /gate/)).toBeGreaterThan(0)
  })

  test('answers requests: cameras off and on, thresholds, a snapshot; rejects invalid ones', async () => {
    service = await startProduct(data.path, config())
    await until(() => last('watchword/yard/availability') === 'online', 'the yard')
    expect(await ask('camera', { camera: 'yard', enabled: false })).toMatchObject({ status: 'ok' })
    await until(() => last('watchword/yard/availability') === 'offline', 'the yard is off')
    expect(await ask('camera', { camera: 'yard', enabled: true })).toMatchObject({ status: 'ok' })
    expect(await ask('threshold', { event: 'person_walking', threshold: 0.9 })).toMatchObject({ status: 'ok' })
    const { data: picture } = await ask('snapshot', { camera: 'gate' })
    expect(Buffer.from(picture.jpeg_base64, 'base64').subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8))
    expect(await ask('camera', { camera: 'unknown', enabled: true })).toMatchObject({ status: 'error' })
    await listener.publishAsync('watchword/bridge/request/camera', 'not json')
    await until(() => /Expected a JSON object/.test(last('watchword/bridge/response/camera') ?? ''), 'a refusal')
  })

  test('a changed config is taken over; a wrong one changes nothing and is reported', async () => {
    service = await startProduct(data.path, config())
    await until(() => last('watchword/gate/availability') === 'online', 'the gate')
    const path = join(data.path, 'watchword.yaml')
    const { gate: stays } = config().cameras
    writeFileSync(path, JSON.stringify(config({ cameras: { gate: { ...stays, fps: -1 } } })))
    await service.says(/Expected `fps` to be above 0, got -1/)
    expect(last('watchword/yard/availability')).not.toBe('')
    writeFileSync(path, JSON.stringify(config({ cameras: { gate: stays, door: { url: gate.url, fps: 2 } } })))
    await until(() => last('watchword/door/availability') === 'online', 'the new camera', 30_000)
    expect(last('watchword/yard/availability')).toBe('')
  })

  test('killed in the middle of an event: the next run ends it, and no topic stays ON', async () => {
    // No score ends it within the test.
    const lasting = config({ events: { person_walking: { use: 'person_walking', min_off: '5m' } } })
    service = await startProduct(data.path, lasting)
    await until(() => changes().some(({ type }) => type === 'new'), 'an event', 90_000)
    const { id } = changes().find(({ type }) => type === 'new').after
    // Meanwhile another one on the same data would take the open event for one that a killed run has left.
    const second = await startProduct(data.path, lasting)
    await second.says(/Another Watchword runs with the data directory/)
    await until(() => second.child.exitCode !== null, 'its end')
    expect(second.child.exitCode).toBe(1)
    expect(second.output()).not.toContain('to end')
    await service.stop('SIGKILL')
    received.length = 0
    service = await startProduct(data.path, lasting)
    const ended = () => changes().filter(({ type, after }) => type === 'end' && after.id === id)
    await until(() => ended().length > 0, 'the end of what was killed', 60_000)
    expect(ended()[0].after.end_reason).toBe('restart')
    // Behind all other retained topics, so it may come after the change.
    await until(() => last('watchword/bridge/state') === 'online', 'it is online')
    const order = received.map(({ topic, payload }) => `${topic}=${payload}`)
    const off = order.indexOf(`watchword/${ended()[0].after.camera}/person_walking/state=OFF`)
    expect(off).toBeGreaterThanOrEqual(0)
    expect(order.indexOf('watchword/bridge/state=online')).toBeGreaterThan(off)
  })
})

test.skipIf(present)('watchword run: skipped, gst-rtsp-server or mosquitto is not installed', () => {})
