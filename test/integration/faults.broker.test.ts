/** Brokers that refuse, forget, limit and hang up: what they take arrives, the rest is reported once, and the end is bounded. */

import { describe, expect, it } from 'vitest'
import type { EventChange } from '../../src/types.ts'
import { change } from '../support/change.ts'
import type { FaultyBrokerOptions } from '../support/faultyBroker.ts'
import { useMqtt } from '../support/mqttHarness.ts'
import { until } from '../support/until.ts'

const { startWith } = useMqtt()

const EVENTS = 'watchword/events'
const picture = (bytes: number): EventChange => ({ ...change('new', 'a', 0), snapshot: Buffer.alloc(bytes, 0xff) })
const isEvent = ({ topic }: { topic: string }) => topic === EVENTS

describe('a broker that refuses a message', () => {
  it.each([0x97, 0xb0])('sends it again after reason code %i', async puback => {
    let refused = 0
    const { broker, outcomes$, telemetry } = await startWith({
      onPublish: ({ topic }) => (topic.endsWith('/bridge/state') && refused++ < 1 ? { puback } : 'ack'),
    })
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('EventDelivered').length === 1, 'the others were not held up')
    await until(() => broker.published.filter(({ topic }) => topic.endsWith('/bridge/state')).length === 2, 'again')
    expect(broker.connects).toHaveLength(1)
    expect(telemetry.of('MqttRefused').map(({ refusal }) => refusal)).toEqual(['busy'])
  })

  it.each([0x87, 0x95])('reports reason code %i once and continues', async puback => {
    const { broker, outcomes$, telemetry } = await startWith({
      onPublish: ({ topic }) => (topic.endsWith('/state') && topic !== 'watchword/bridge/state' ? { puback } : 'ack'),
    })
    const isState = ({ topic }: { topic: string }) => topic === 'watchword/front/person_walking/state'
    await until(() => broker.published.some(isState), 'the state was sent')
    for (const n of [0, 1, 2]) {
      outcomes$.next(change('new', `a${n}`, 0))
      await until(() => telemetry.of('EventDelivered').length === n + 1, 'it was delivered')
    }
    await until(() => broker.published.filter(isState).length > 1, 'a new value was sent')
    expect(telemetry.of('MqttRefused').filter(isState)).toHaveLength(1)
    expect(broker.connects).toHaveLength(1)
  })

  it('sends it in another form when it announces no retain or no QoS 1', async () => {
    const { broker, outcomes$, telemetry } = await startWith({
      onPublish: ({ retain, qos }) => (retain ? { puback: 0x9a } : qos > 0 ? { puback: 0x9b } : 'ack'),
    })
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('EventDelivered').length === 1, 'it was delivered')
    expect(broker.connects).toHaveLength(1)
    expect(telemetry.of('MqttRefused')).toEqual([])
  })
})

describe('a broker that hangs up', () => {
  it.each([
    [0x9a, ({ retain }: { retain?: boolean }) => retain === true],
    [0x9b, ({ qos }: { qos: number }) => qos > 0],
  ])('gets the form that it takes after DISCONNECT 0x%s', async (disconnect, isWrong) => {
    const { outcomes$, telemetry } = await startWith({
      onPublish: packet => (isWrong(packet) ? { disconnect } : 'ack'),
    })
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('EventDelivered').length === 1, 'it was delivered')
  })

  it.each([
    ['without a word, MQTT 3.1.1', '3.1.1', 'close'],
    ['without a word, MQTT 5', '5', 'close'],
    ['with "packet too large"', '5', { disconnect: 0x95 }],
    ['with "implementation specific error"', '5', { disconnect: 0x83 }],
  ] as const)('gets a picture that it does not take twice at most: %s', async (_, protocol, answer) => {
    const isTooLarge = ({ payload }: { payload: string | Buffer }) => payload.length > 20_000
    const { broker, outbox, outcomes$, telemetry } = await startWith(
      { onPublish: packet => (isTooLarge(packet) ? answer : 'ack') },
      { protocol },
    )
    await until(() => broker.published.some(({ topic }) => topic.startsWith('homeassistant/')), 'it has begun')
    outcomes$.next(picture(50_000))
    outcomes$.next(change('end', 'a', 1))
    await until(() => outbox.size === 0, 'the changes arrived')
    await until(() => telemetry.of('MqttRefused').length > 0, 'the picture was given up')
    expect(broker.published.filter(isTooLarge).length).toBeLessThanOrEqual(2)
    expect(telemetry.of('MqttRefused')).toMatchObject([
      { refusal: 'too-large', topic: expect.stringContaining('snapshot') },
    ])
    // The next one, on another topic, is not tried.
    outcomes$.next({ ...change('new', 'b', 0, { camera: 'yard' }), snapshot: Buffer.alloc(60_000) })
    await until(() => outbox.size === 0, 'the next change arrived')
    expect(broker.published.filter(isTooLarge).length).toBeLessThanOrEqual(2)
    expect(telemetry.of('MqttDisconnected').every(({ advice }) => advice === null)).toBe(true)
  })

  it('before it answers a subscription: that is no refusal of the subscription, on no connection', async () => {
    const { broker, telemetry } = await startWith({ closesOn: ['subscribe'] })
    await until(() => broker.connects.length >= 3, 'it came back twice', 30_000)
    expect(telemetry.of('MqttDisconnected')).not.toEqual([])
    // A message that was in flight each time may be suspected; a subscription is not.
    expect(telemetry.of('MqttRefused').filter(({ topic }) => /[+#]|bridge\/request/.test(topic))).toEqual([])
  })

  it('gets a topic that it does not allow three times at most', async () => {
    const isForbidden = ({ topic }: { topic: string }) => topic.startsWith('homeassistant/')
    const { broker, outbox, outcomes$, telemetry } = await startWith(
      { onPublish: packet => (isForbidden(packet) ? 'close' : 'ack') },
      { protocol: '3.1.1', cameras: { front: ['person_walking'] } },
    )
    await until(() => telemetry.of('MqttRefused').length > 0, 'it was given up')
    expect(telemetry.of('MqttRefused')[0]?.topic).toMatch(/^homeassistant/)
    expect(broker.published.filter(isForbidden).length).toBeLessThanOrEqual(3)
    outcomes$.next(change('new', 'a', 0))
    await until(() => outbox.size === 0, 'the change arrived')
  })
})

describe('a broker that does not answer', () => {
  it('is left when it owes a PUBACK, and the change goes out on the next connection', async () => {
    const { broker, outbox, outcomes$, telemetry } = await startWith(
      { onPublish: packet => (isEvent(packet) && packet.connection === 1 ? 'silence' : 'ack') },
      { answerMs: 100 },
    )
    outcomes$.next(change('new', 'a', 0))
    await until(() => outbox.size === 0, 'it was delivered')
    expect(broker.connects.length).toBeGreaterThanOrEqual(2)
    expect(telemetry.of('MqttDisconnected')[0]?.error).toMatch(/has not answered a message within/)
  })

  it.each([
    ['PUBACK', { onPublish: () => 'silence' }],
    ['SUBACK', { ignores: ['subscribe'] }],
    ['UNSUBACK', { ignores: ['unsubscribe'] }],
    ['anything after the CONNACK', { ignores: ['subscribe', 'unsubscribe', 'publish', 'pingreq', 'disconnect'] }],
  ] as const)(
    'does not keep a stop waiting: %s',
    async (_, options) => {
      const { mqtt, outcomes$, done } = await startWith(options as FaultyBrokerOptions)
      await until(() => mqtt.connected, 'it was connected')
      outcomes$.next(change('new', 'a', 0))
      outcomes$.complete()
      // Bounded by what a stop gives a broker, 5 s: this fails by the test's own limit.
      await done
    },
    20_000,
  )

  it('does not call the end of a connection a refusal', async () => {
    const { broker, telemetry, mqtt } = await startWith({ ignores: ['subscribe'] })
    await until(() => mqtt.connected, 'it was connected')
    await broker.close()
    await until(() => telemetry.of('MqttDisconnected').length > 0, 'it noticed')
    expect(telemetry.of('MqttRefused')).toEqual([])
  })
})
