/** What Home Assistant sees behind a real Mosquitto when Watchword or the broker dies. */

import { join } from 'node:path'
import { connect } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CameraStatus, Outcome } from '../../src/types.ts'
import { change } from '../support/change.ts'
import { type Child, startChild } from '../support/child.ts'
import { createHomeAssistant } from '../support/homeAssistant.ts'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { MQTT_OPTIONS } from '../support/mqttOptions.ts'
import { startMqttSink } from '../support/mqttSink.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')

const SENSOR = 'watchword.front.person_walking.state'
const undo: (() => Promise<unknown> | unknown)[] = []
let broker: Mosquitto
let url: string
let dir: string

async function startHomeAssistant() {
  const model = createHomeAssistant()
  const client = connect(url, { reconnectPeriod: 100 })
  client.on('error', () => undefined)
  client.on('message', (topic, payload) => model.receive(topic, payload.toString()))
  client.on('connect', () => client.subscribe('#', { qos: 1 }))
  await new Promise(resolve => client.once('connect', resolve))
  undo.push(() => client.endAsync(true))
  const state = () => model.states()[SENSOR]
  let marks = 0
  client.on('message', topic => {
    if (topic === 'mark') marks++
  })
  /** Everything that the broker had taken before has arrived. */
  const arrived = async () => {
    const before = marks
    await client.publishAsync('mark', '', { qos: 1 })
    await until(() => marks > before, 'all has arrived')
  }
  return {
    /** Stops a process that begins and ends events, in the middle of one. */
    pausedWhileOn: async (child: Child) => {
      for (;;) {
        await until(() => state() === 'on', 'an event begins')
        child.kill('SIGSTOP')
        await arrived()
        if (state() === 'on') return
        child.kill('SIGCONT')
      }
    },
    ...model,
    client,
    is: (wanted: string) => until(() => state() === wanted, `the sensor is ${wanted}, not ${state()}`),
    began: () => model.transitions.filter(({ entity, to }) => entity === SENSOR && to === 'on').length,
  }
}

async function startWatchword() {
  const { mqtt, outcomes$, stop } = await startMqttSink(url, join(dir, 'outbox'), {
    ...MQTT_OPTIONS,
    clientId: 'watchword',
  })
  undo.push(stop)
  return { mqtt, next: (outcome: Outcome) => outcomes$.next(outcome) }
}

function camera(state: CameraStatus['state']): CameraStatus {
  const reason = state === 'offline' ? 'timeout' : null
  return { kind: 'status', camera: 'front', at: 0, state, problem: null, reason, detail: null, retryInMs: null }
}

describe.skipIf(skip)('Home Assistant', () => {
  beforeEach(async () => {
    broker = await startMosquitto()
    url = `mqtt://127.0.0.1:${broker.port}`
    dir = temporaryFolder()
  })
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
    await broker.remove()
  })

  it('sees no event after kill -9, only its end', async () => {
    const homeAssistant = await startHomeAssistant()
    const first = startChild('test/support/watchChild.ts', [dir, url, 'first'])
    undo.push(() => first.kill('SIGKILL'))
    await homeAssistant.is('on')
    await homeAssistant.pausedWhileOn(first)
    first.kill('SIGKILL')
    await first.ended
    await homeAssistant.is('unavailable')
    const before = homeAssistant.began()
    const second = startChild('test/support/watchChild.ts', [dir, url, 'second', 'idle'])
    undo.push(() => second.kill('SIGKILL'))
    await homeAssistant.is('off')
    expect(homeAssistant.began()).toBe(before)
    expect(homeAssistant.complaints).toEqual([])
  })

  it('sees an event end that ended while the broker was away, and no event twice', async () => {
    const homeAssistant = await startHomeAssistant()
    const { mqtt, next } = await startWatchword()
    await until(() => mqtt.connected, 'it is connected')
    next(camera('online'))
    next(change('new', 'a', 0))
    await homeAssistant.is('on')
    await broker.stop()
    await until(() => !mqtt.connected, 'it is away')
    next(change('end', 'a', 1))
    await broker.start()
    await homeAssistant.is('off')
    expect(homeAssistant.began()).toBe(1)
  })

  it('sees why a camera is lost, and nothing begin when it comes back', async () => {
    const homeAssistant = await startHomeAssistant()
    const { next } = await startWatchword()
    next(camera('online'))
    next(change('new', 'a', 0))
    await homeAssistant.is('on')
    next(change('end', 'a', 1))
    next(camera('offline'))
    await homeAssistant.is('unavailable')
    await until(() => homeAssistant.states()['watchword.front.status'] === 'timeout', 'the reason is shown')
    expect(homeAssistant.states()).toMatchObject({
      'watchword.front.connection': 'off',
      'watchword.front.problem': 'unavailable',
      'watchword.bridge.connection': 'on',
    })
    next(camera('online'))
    await homeAssistant.is('off')
    expect(homeAssistant.began()).toBe(1)
  })

  it('gets back a device that was deleted there, at its next birth message', async () => {
    const homeAssistant = await startHomeAssistant()
    const { next } = await startWatchword()
    next(camera('online'))
    await homeAssistant.is('off')
    const device = 'homeassistant/device/watchword_front/config'
    await homeAssistant.client.publishAsync(device, '', { qos: 1, retain: true })
    await until(() => homeAssistant.states()[SENSOR] === undefined, 'the device is deleted')
    await homeAssistant.client.publishAsync('homeassistant/status', 'online', { qos: 1 })
    await homeAssistant.is('off')
  })

  it('logs nothing when a camera and an event are removed by a reload', async () => {
    const homeAssistant = await startHomeAssistant()
    const { mqtt, next } = await startWatchword()
    next(camera('online'))
    await homeAssistant.is('off')
    mqtt.declare({ front: [] })
    await until(() => homeAssistant.states()['watchword.yard.connection'] === undefined, 'the yard is gone')
    await until(() => homeAssistant.states()[SENSOR] === undefined, 'the event is gone')
    mqtt.declare({ front: ['person_walking'], yard: [] })
    await homeAssistant.is('off')
    expect(homeAssistant.complaints).toEqual([])
  })
})
