/** The MQTT sink against a real Mosquitto, MQTT 5 and 3.1.1. */

import { createServer } from 'node:net'
import { join } from 'node:path'
import { connect } from 'mqtt'
import { describe, expect, it } from 'vitest'
import type { CameraStatus } from '../../src/types.ts'
import { change } from '../support/change.ts'
import { hasMosquitto } from '../support/mosquitto.ts'
import { useMqtt } from '../support/mqttHarness.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')

const { undo, broker, start, listener } = useMqtt()

function online(camera: string): CameraStatus {
  return { kind: 'status', camera, at: 0, state: 'online', problem: null, reason: null, detail: null, retryInMs: null }
}

describe.skipIf(skip)('mqtt with a real Mosquitto', () => {
  for (const [protocol, version] of [
    ['5', 5],
    ['3.1.1', 4],
    ['auto', 5],
  ] as const)
    it(`publishes states and events with protocol ${protocol}`, async () => {
      const { port } = await broker()
      const subscriber = await listener(`mqtt://127.0.0.1:${port}`)
      const { outcomes$, telemetry, stop, mqtt } = await start(`mqtt://127.0.0.1:${port}`, { protocol })
      outcomes$.next(online('front'))
      outcomes$.next({ ...change('new', 'a', 0), snapshot: new Uint8Array([0xff, 0xd8, 1, 2, 0xff, 0xd9]) })
      outcomes$.next(change('end', 'a', 1))
      await until(() => subscriber.on('watchword/events').length === 2, 'both changes arrived')
      expect(telemetry.of('MqttConnected')).toEqual([
        { type: 'MqttConnected', url: expect.any(String), protocol: version },
      ])
      expect(mqtt.connected).toBe(true)
      const [first, second] = subscriber.on('watchword/events').map(text => JSON.parse(text))
      expect(first).toMatchObject({ type: 'new', seq: 0, before: null, has_snapshot: true, after: { id: 'a' } })
      expect(second).toMatchObject({ type: 'end', seq: 1, before: { id: 'a' }, after: { end_reason: 'score' } })

      await until(
        () => subscriber.on('watchword/front/person_walking/state').at(-1) === 'OFF',
        'the state was published',
      )
      expect(subscriber.messages.find(({ topic }) => topic.endsWith('/snapshot'))?.bytes).toEqual(
        Buffer.from([0xff, 0xd8, 1, 2, 0xff, 0xd9]),
      )
      expect(JSON.parse(subscriber.on('watchword/bridge/info').at(-1) ?? '')).toMatchObject({
        schema_version: 1,
        version: '0.1.0',
        variant: 'int8',
        cameras: ['front', 'yard'],
        events: ['person_walking', 'vehicle_stopping'],
      })
      await stop()
      await until(() => subscriber.on('watchword/bridge/state').at(-1) === 'stopped', 'it published `stopped`')
      expect(telemetry.of('EventDelivered')).toHaveLength(2)

      // What a client that comes later finds, retained.
      const late = await listener(`mqtt://127.0.0.1:${port}`)
      await until(() => late.messages.length >= 12, 'the retained topics came')
      const retained = Object.fromEntries(late.messages.map(({ topic, text }) => [topic, text]))
      expect(late.messages.every(({ retain }) => retain)).toBe(true)
      expect(retained).toMatchObject({
        'watchword/bridge/state': 'stopped',
        'watchword/front/availability': 'offline',
        'watchword/front/person_walking/state': 'OFF',
        'watchword/yard/vehicle_stopping/state': 'OFF',
      })
      expect(Object.keys(retained)).not.toContain('watchword/events')
    })

  it('is offline for others when it dies: the last will', async () => {
    const { port } = await broker()
    const subscriber = await listener(`mqtt://127.0.0.1:${port}`)
    await start(`mqtt://127.0.0.1:${port}`, { clientId: 'twin' })
    await until(() => subscriber.on('watchword/bridge/state').at(-1) === 'online', 'it was online')
    // Another client with the same id takes the session over: for the broker the first one has died.
    const thief = connect(`mqtt://127.0.0.1:${port}`, { clientId: 'twin', reconnectPeriod: 0 })
    undo.push(() => thief.endAsync(true))
    await until(() => subscriber.on('watchword/bridge/state').includes('offline'), 'the will was published')
  })

  it('suspects another client of the same id when it is thrown out time and again', async () => {
    const { port } = await broker()
    const url = `mqtt://127.0.0.1:${port}`
    const { telemetry } = await start(url, { clientId: 'twin' })
    const thief = connect(url, { clientId: 'twin', reconnectPeriod: 100 })
    undo.push(() => thief.endAsync(true))
    await until(() => telemetry.of('MqttDisconnected').some(({ advice }) => advice !== null), 'it suspects something')
    const disconnects = telemetry.of('MqttDisconnected')
    expect(disconnects.slice(0, 2).map(({ advice }) => advice)).toEqual([null, null])
    expect(disconnects[2]?.advice).toContain('`mqtt.client_id`')
  })

  it('sends all again after an outage: events late and in order, state as it is now', async () => {
    const mosquitto = await broker()
    const subscriber = await listener(`mqtt://127.0.0.1:${mosquitto.port}`)
    const { outcomes$, telemetry, outbox, mqtt } = await start(`mqtt://127.0.0.1:${mosquitto.port}`)
    await until(() => mqtt.connected, 'it was connected')
    outcomes$.next(change('new', 'a', 0))
    await until(() => subscriber.on('watchword/events').length === 1, 'the first change arrived')
    await mosquitto.stop()
    await until(() => !mqtt.connected, 'it noticed')
    outcomes$.next(change('update', 'a', 1))
    outcomes$.next(change('update', 'a', 2))
    outcomes$.next(change('end', 'a', 3))
    outcomes$.next(change('new', 'b', 0))
    await until(() => outbox.size === 2, 'they wait')
    await mosquitto.start()
    await until(() => outbox.size === 0, 'they left', 60_000)
    await until(() => subscriber.on('watchword/events').length >= 3, 'they arrived')
    const changes = subscriber.on('watchword/events').map(text => JSON.parse(text))
    expect(changes.map(({ type, seq, replayed, after }) => [after.id, type, seq, replayed])).toEqual([
      ['a', 'new', 0, false],
      ['a', 'end', 3, true],
      ['b', 'new', 0, true],
    ])
    expect(changes[1].sent_at).toBeGreaterThan(changes[1].recorded_at)
    // The end carries the whole step since the last sent change.
    expect(changes[1].before).toEqual(changes[0].after)
    await until(() => subscriber.on('watchword/front/person_walking/state').at(-1) === 'ON', 'the state was sent')
    await until(() => subscriber.on('watchword/bridge/state').at(-1) === 'online', 'it is online')
    // An unreachable broker needs no action.
    expect(telemetry.of('MqttDisconnected').map(({ advice }) => advice)).toContain(null)
    expect(telemetry.of('MqttDisconnected').filter(({ advice }) => advice !== null)).toEqual([])
  })

  it('answers requests, and garbage with an error', async () => {
    const { port } = await broker()
    const subscriber = await listener(`mqtt://127.0.0.1:${port}`)
    const { mqtt, telemetry } = await start(`mqtt://127.0.0.1:${port}`)
    await until(() => mqtt.connected, 'it was connected')
    const ask = async (name: string, payload: string | Buffer) => {
      const count = subscriber.on(`watchword/bridge/response/${name}`).length
      // The subscription may be a moment behind the connection.
      const again = setInterval(
        () => subscriber.client.publish(`watchword/bridge/request/${name}`, payload, { qos: 1 }),
        500,
      )
      await until(() => subscriber.on(`watchword/bridge/response/${name}`).length > count, 'it was answered')
      clearInterval(again)
      return JSON.parse(subscriber.on(`watchword/bridge/response/${name}`).at(-1) ?? '')
    }
    expect(await ask('echo', '{"camera":"front","transaction":"t1"}')).toEqual({
      data: { camera: 'front' },
      status: 'ok',
      transaction: 't1',
    })
    expect(await ask('echo', '{"camera":')).toMatchObject({ status: 'error', error: expect.stringContaining('JSON') })
    expect(await ask('echo', Buffer.alloc(100_000, 'x'))).toMatchObject({ error: expect.stringContaining('bytes') })
    expect(await ask('nonsense', '')).toEqual({
      data: {},
      status: 'error',
      error: 'unknown request nonsense, secret ***',
    })
    expect(telemetry.of('RequestHandled').some(({ ok }) => ok)).toBe(true)
    expect(mqtt.connected).toBe(true)
  })

  it('publishes no secret, whatever comes', async () => {
    const { port } = await broker()
    const subscriber = await listener(`mqtt://127.0.0.1:${port}`)
    const { outcomes$, mqtt } = await start(`mqtt://127.0.0.1:${port}`, {
      info: { model: 'from http://u:geheim123@hub/' },
    })
    const detail = 'rtsp://admin:other@cam/ said 401 to geheim123'
    outcomes$.next({ ...online('front'), state: 'offline', reason: 'auth', detail })
    mqtt.publishState(mqtt.topics.healthCheck('camera', 'front'), { detail, nested: [{ detail }] })
    await until(() => subscriber.on('watchword/bridge/health/camera/front').length > 0, 'all was published')
    await until(() => subscriber.on('watchword/front/status').length > 0, 'the status was published')
    const all = subscriber.messages.map(({ text }) => text).join('\n')
    expect(all).not.toMatch(/geheim123|admin:other/)
    expect(JSON.parse(subscriber.on('watchword/front/status').at(-1) ?? '')).toMatchObject({
      state: 'offline',
      detail: 'rtsp://***@cam/ said 401 to ***',
    })
  })

  it('removes the topics of a camera that a reload has taken away', async () => {
    const { port } = await broker()
    const { mqtt } = await start(`mqtt://127.0.0.1:${port}`)
    await until(() => mqtt.connected, 'it was connected')
    mqtt.declare({ front: ['person_walking'] })
    const subscriber = await listener(`mqtt://127.0.0.1:${port}`)
    await until(() => subscriber.on('watchword/front/person_walking/state').length > 0, 'the retained topics came')
    await until(() => {
      const info = subscriber.on('watchword/bridge/info').at(-1)
      return info !== undefined && JSON.parse(info).cameras.length === 1
    }, 'the info was published again')
    // What was sent before this listener came may still be on its way: the last word counts.
    const lastWords = () => new Map(subscriber.messages.map(({ topic, text }) => [topic, text]))
    const left = () => [...lastWords()].filter(([topic, text]) => topic.includes('yard') && text !== '')
    await until(() => left().length === 0, 'the topics of the yard are empty')
    const late = await listener(`mqtt://127.0.0.1:${port}`)
    await until(() => late.on('watchword/bridge/info').length > 0, 'the retained topics came')
    expect(late.messages.filter(({ topic }) => topic.includes('yard'))).toEqual([])
  })

  it('keeps an event that the broker refuses, and reports it', async () => {
    const acl = join(temporaryFolder(), 'acl')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(acl, 'topic readwrite watchword/bridge/#\ntopic read #\n')
    const { port } = await broker({ config: [`acl_file ${acl}`] })
    const { outcomes$, telemetry, outbox } = await start(`mqtt://127.0.0.1:${port}`, { protocol: '5' })
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('MqttRefused').some(({ topic }) => topic === 'watchword/events'), 'it was refused')
    expect(outbox.size).toBe(1)
    expect(telemetry.of('MqttPublished').some(({ result }) => result === 'refused')).toBe(true)
  })
})

describe('mqtt with a broker that accepts connections and never answers', () => {
  it('stops at once and keeps the waiting changes', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => server.close())
    let tried = false
    server.on('connection', () => {
      tried = true
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { outcomes$, outbox, done } = await start(`mqtt://127.0.0.1:${port}`)
    await until(() => tried, 'it tried')
    outcomes$.next(change('new', 'a', 0))
    const from = Date.now()
    outcomes$.complete()
    await done
    // Its own timeout for a silent broker is 10 s: far less than that shows that it was cut short.
    expect(Date.now() - from).toBeLessThan(5000)
    expect(outbox.size).toBe(1)
  })
})
