/** Brokers with limits: what they take arrives in the form they take, the rest is reported once, and what they send is bounded. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'mqtt'
import { describe, expect, it } from 'vitest'
import type { EventChange } from '../../src/types.ts'
import { change } from '../support/change.ts'
import { type FaultyBrokerOptions, startFaultyBroker } from '../support/faultyBroker.ts'
import { hasMosquitto, startMosquitto } from '../support/mosquitto.ts'
import { useMqtt } from '../support/mqttHarness.ts'
import { startMqttSink } from '../support/mqttSink.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const { undo, start, startWith } = useMqtt()

const EVENTS = 'watchword/events'
const picture = (bytes: number): EventChange => ({ ...change('new', 'a', 0), snapshot: Buffer.alloc(bytes, 0xff) })
const isEvent = ({ topic }: { topic: string }) => topic === EVENTS

describe('a broker that announces its limits', () => {
  it.each([1, 2, 7])('has no more than its Receive Maximum of %i on their way', async receiveMaximum => {
    const { broker, outbox, outcomes$, telemetry } = await startWith({ properties: { receiveMaximum } })
    for (let n = 0; n < 10; n++) outcomes$.next(change('new', `e${n}`, 0, { camera: `camera${n}` }))
    await until(() => telemetry.of('EventDelivered').length === 10, 'all were delivered')
    expect(broker.mostInFlight()).toBeLessThanOrEqual(receiveMaximum)
    expect(outbox.size).toBe(0)
    expect(broker.connects).toHaveLength(1)
  })

  it('sends without the retain flag where retained messages are not available, and reports it once', async () => {
    const { broker, outcomes$, telemetry } = await startWith({ properties: { retainAvailable: false } })
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('EventDelivered').length === 1, 'it was delivered')
    await until(() => broker.published.some(({ topic }) => topic.endsWith('/state')), 'a state was sent')
    expect(broker.published.every(({ retain }) => !retain)).toBe(true)
    expect(telemetry.of('MqttLimited')).toEqual([{ type: 'MqttLimited', limit: 'retain' }])
  })

  it('sends with QoS 0 where there is no more, and counts the answer to a ping as the acknowledgement', async () => {
    const properties = { maximumQoS: 0 }
    const options = { properties, ignores: ['pingreq'] } as const
    const { broker, outbox, outcomes$, telemetry } = await startWith(options, { answerMs: 200 })
    outcomes$.next(change('new', 'a', 0))
    await until(() => broker.published.some(isEvent), 'it was sent')
    await until(() => telemetry.of('MqttDisconnected').length > 0, 'no answer came')
    expect(outbox.size).toBe(1)
    broker.behave({ properties })
    await until(() => outbox.size === 0, 'the answer to a ping came')
    expect(broker.published.every(({ qos }) => qos === 0)).toBe(true)
    expect(telemetry.of('MqttLimited')).toEqual([{ type: 'MqttLimited', limit: 'qos' }])
  })

  it.each([
    [0x9a, 'retain'],
    [0x9b, 'qos'],
  ] as const)('connects again at once when the last will is refused with 0x%s', async (code, limit) => {
    const refuse: FaultyBrokerOptions['refuse'] = ({ will }) =>
      (code === 0x9a ? will?.retain : will?.qos === 1) ? code : 0
    const { broker, telemetry, outcomes$ } = await startWith({ refuse })
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('EventDelivered').length === 1, 'it was delivered')
    expect(broker.connects).toHaveLength(2)
    expect(telemetry.of('MqttDisconnected')).toEqual([])
    expect(telemetry.of('MqttLimited')).toEqual([{ type: 'MqttLimited', limit }])
  })

  it('leaves out snapshots above the Maximum Packet Size, sends a change shorter, and sets aside what is still too large', async () => {
    const { broker, outbox, outcomes$, telemetry } = await startWith({ properties: { maximumPacketSize: 500 } })
    outcomes$.next(picture(2000))
    // With the state before it an `end` has 555 bytes, without it 358.
    outcomes$.next(change('update', 'a', 1))
    outcomes$.next(change('new', 'long', 0, { event: 'x'.repeat(900) }))
    outcomes$.next(change('end', 'long', 1, { event: 'x'.repeat(900) }))
    outcomes$.next(change('end', 'a', 2))
    await until(() => outbox.size === 0, 'the queue went on')
    const sent = broker.published.filter(isEvent).map(({ payload }) => JSON.parse(String(payload)))
    expect(sent.map(({ type, after }) => [after.id, type])).toContainEqual(['a', 'end'])
    expect(sent.some(({ type, before }) => type === 'end' && before === null)).toBe(true)
    expect(telemetry.of('ChangeSetAside').map(({ id, change: type }) => [id, type])).toEqual([
      ['long', 'new'],
      ['long', 'end'],
    ])
    expect(broker.connects).toHaveLength(1)
    expect(telemetry.of('MqttRefused')).toContainEqual({
      type: 'MqttRefused',
      topic: 'watchword/front/person_walking/snapshot',
      refusal: 'too-large',
      error: 'larger than the 500 bytes that the broker accepts',
    })
  })
})

describe('a broker that accepts larger messages after a restart', () => {
  it('gets no end of an event whose beginning it did not take', async () => {
    const dir = temporaryFolder()
    const broker = await startFaultyBroker({ properties: { maximumPacketSize: 500 } })
    undo.push(broker.close)
    const first = await startMqttSink(broker.url, join(dir, 'outbox'))
    first.outcomes$.next(change('new', 'long', 0, { event: 'x'.repeat(900) }))
    await until(() => first.telemetry.of('ChangeSetAside').length === 1, 'it was set aside')
    await first.stop()

    broker.behave({})
    const second = await startMqttSink(broker.url, join(dir, 'outbox'))
    undo.push(second.stop)
    second.outcomes$.next(change('new', 'short', 0))
    await until(() => second.outbox.size === 0, 'the queue is empty')
    expect(second.telemetry.of('ChangeSetAside').map(({ id, change: type }) => [id, type])).toEqual([['long', 'end']])
    const sent = broker.published.filter(isEvent).map(({ payload }) => JSON.parse(String(payload)).after.id)
    expect(sent).toEqual(['short'])
  })
})

describe('a broker that sends too much', () => {
  /** A PUBLISH with QoS 0 of so many bytes on this topic: 3.1.1 section 3.3, MQTT 5 section 3.3. */
  const message = (topic: string, bytes: number, protocol: number) => {
    const name = Buffer.from(topic)
    const body = Buffer.concat([
      Buffer.from([0, name.length]),
      name,
      Buffer.alloc(protocol === 5 ? 1 : 0),
      Buffer.alloc(bytes, '['),
    ])
    const length = [body.length & 0x7f, (body.length >> 7) & 0x7f, (body.length >> 14) & 0x7f, body.length >> 21]
    return Buffer.concat([Buffer.from([0x31, ...length.map((byte, at) => (at < 3 ? byte | 0x80 : byte))]), body])
  }

  it('requests a lower limit, with MQTT 5', async () => {
    const { broker } = await startWith({})
    await until(() => broker.connects.length === 1, 'it was connected')
    expect(broker.connects[0]?.properties?.maximumPacketSize).toBeLessThanOrEqual(1024 * 1024)
  })

  it.each(['5', '3.1.1'] as const)(
    'is read further: a message that is too large is cut, protocol %s',
    async protocol => {
      const sends = (version: number) => message('homeassistant/device/watchword_front/config', 30e6, version)
      const { broker, outcomes$, telemetry } = await startWith({ sends }, { protocol })
      const before = process.memoryUsage().rss
      outcomes$.next(change('new', 'a', 0))
      await until(() => telemetry.of('EventDelivered').length === 1, 'it was delivered')
      await until(() => broker.connects.length === 1, 'it was connected')
      expect(telemetry.of('MqttDisconnected')).toEqual([])
      // The message itself is in this process as well: 30 MB for each of two subscriptions, and its copies.
      expect(process.memoryUsage().rss - before).toBeLessThan(400e6)
    },
  )
})

describe.skipIf(!hasMosquitto && !process.env.CI)('a real Mosquitto with limits', () => {
  async function mosquitto(...config: string[]) {
    const broker = await startMosquitto({ config })
    undo.push(broker.remove)
    return `mqtt://127.0.0.1:${broker.port}`
  }
  async function received(url: string) {
    const messages: string[] = []
    const client = connect(url, { reconnectPeriod: 200 })
    undo.push(() => client.endAsync(true))
    client.on('error', () => undefined)
    client.on('message', (_, payload) => messages.push(String(payload)))
    client.on('connect', () => client.subscribe(EVENTS, { qos: 1 }))
    await new Promise(resolve => client.once('connect', resolve))
    return messages
  }

  it.each([
    ['message_size_limit 10000', '5'],
    ['message_size_limit 10000', '3.1.1'],
    ['max_packet_size 20000', '5'],
    ['max_packet_size 20000', '3.1.1'],
    ['retain_available false', 'auto'],
    ['max_qos 0', 'auto'],
    ['max_inflight_messages 1', '5'],
  ] as const)('delivers every change: %s, protocol %s', async (config, protocol) => {
    const url = await mosquitto(config)
    const messages = await received(url)
    const { outbox, outcomes$, stop, mqtt } = await start(url, { protocol })
    await until(() => mqtt.connected, 'it was connected')
    outcomes$.next(picture(50_000))
    outcomes$.next({ ...change('end', 'a', 1), snapshot: Buffer.alloc(30_000, 1) })
    outcomes$.next({ ...change('new', 'b', 0), snapshot: Buffer.alloc(40_000, 1) })
    outcomes$.next(change('end', 'b', 1))
    await until(() => outbox.size === 0, 'all were delivered')
    await until(() => messages.length >= 4, 'all arrived')
    await stop()
    expect(new Set(messages.map(text => JSON.parse(text)).map(({ type, after }) => `${after.id} ${type}`)).size).toBe(4)
  })

  it('reports that reading is forbidden', async () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'acl'), 'topic write #\n')
    const { telemetry } = await start(await mosquitto(`acl_file ${join(dir, 'acl')}`))
    await until(() => telemetry.of('MqttLimited').length > 0, 'it was said')
    expect(telemetry.of('MqttLimited')).toEqual([{ type: 'MqttLimited', limit: 'read' }])
  })
})
