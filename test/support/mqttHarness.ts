/** Brokers, other clients and MQTT sinks of a test, all stopped after it. */

import { join } from 'node:path'
import { connect, type MqttClient } from 'mqtt'
import { afterEach } from 'vitest'
import type { MqttOptions } from '../../src/sinks/mqtt/mqtt.ts'
import { type FaultyBrokerOptions, startFaultyBroker } from './faultyBroker.ts'
import { type MosquittoOptions, startMosquitto } from './mosquitto.ts'
import { startMqttSink } from './mqttSink.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** Call it once in a test file. */
export function useMqtt() {
  const undo: (() => Promise<unknown> | unknown)[] = []
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })

  /** A real Mosquitto. */
  const broker = async (options: MosquittoOptions = {}) => {
    const mosquitto = await startMosquitto(options)
    undo.push(mosquitto.remove)
    return mosquitto
  }
  const start = async (url: string, overrides: Partial<MqttOptions> = {}) => {
    const started = await startMqttSink(url, join(temporaryFolder(), 'outbox'), overrides)
    undo.push(started.stop)
    return started
  }
  /** A sink on a broker that misbehaves so. */
  const startWith = async (options: FaultyBrokerOptions, overrides: Partial<MqttOptions> = {}) => {
    const faulty = await startFaultyBroker(options)
    undo.push(faulty.close)
    return { broker: faulty, ...(await start(faulty.url, overrides)) }
  }
  /** Another client that keeps every message. */
  const listener = async (url: string, options: object = {}) => {
    const messages: { topic: string; text: string; bytes: Buffer; retain: boolean }[] = []
    const client: MqttClient = connect(url, { reconnectPeriod: 200, ...options })
    client.on('error', () => undefined)
    client.on('message', (topic, bytes, { retain }) => messages.push({ topic, text: bytes.toString(), bytes, retain }))
    client.on('connect', () => client.subscribe('#', { qos: 1 }))
    await new Promise(resolve => client.once('connect', resolve))
    undo.push(() => client.endAsync(true))
    return {
      client,
      messages,
      on: (topic: string) => messages.filter(message => message.topic === topic).map(({ text }) => text),
    }
  }
  return { undo, broker, start, startWith, listener }
}
