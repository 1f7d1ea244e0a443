/** The MQTT sink with an outbox of its own, for the tests of brokers. */

import { Subject } from 'rxjs'
import { createMqtt, type Mqtt, type MqttOptions } from '../../src/sinks/mqtt/mqtt.ts'
import { type Outbox, openOutbox } from '../../src/sinks/mqtt/outbox.ts'
import type { Outcome } from '../../src/types.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { MQTT_OPTIONS } from './mqttOptions.ts'
import { recordTelemetry } from './recordTelemetry.ts'

export interface MqttSink {
  readonly mqtt: Mqtt
  readonly outbox: Outbox
  readonly outcomes$: Subject<Outcome>
  readonly done: Promise<void>
  readonly telemetry: ReturnType<typeof recordTelemetry>
  stop(): Promise<void>
}

/** @param path of the outbox */
export async function startMqttSink(
  url: string,
  path: string,
  overrides: Partial<MqttOptions> = {},
): Promise<MqttSink> {
  const telemetry = recordTelemetry()
  const outbox = await openOutbox({ path, maxMessages: 1000, maxBytes: 1e7, maxAgeMs: 1e12, telemetry })
  const mqtt = await createMqtt({
    ...MQTT_OPTIONS,
    url,
    clientId: `watchword-${Math.random()}`,
    cameras: { front: ['person_walking'], yard: ['person_walking', 'vehicle_stopping'] },
    info: { variant: 'int8' },
    outbox,
    telemetry,
    redact: createRedactor(['geheim123']),
    onRequest: async (name, payload) => {
      if (name !== 'echo') throw new Error(`unknown request ${name}, secret geheim123`)
      return payload
    },
    ...overrides,
  })
  const outcomes$ = new Subject<Outcome>()
  const done = mqtt.sink(outcomes$)
  const stop = async () => {
    outcomes$.complete()
    await done
    await outbox.close()
  }
  return { mqtt, outbox, outcomes$, done, telemetry, stop }
}
