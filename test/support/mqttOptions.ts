/** Options of the MQTT sink that most tests share; the broker's URL, the outbox and the telemetry differ. */

import type { MqttOptions } from '../../src/sinks/mqtt/mqtt.ts'
import { createRedactor } from '../../src/util/redactor.ts'

type Shared = Omit<MqttOptions, 'url' | 'clientId' | 'outbox' | 'telemetry'>

export const MQTT_OPTIONS: Shared = {
  topicPrefix: 'watchword',
  protocol: 'auto',
  tls: { insecure: false },
  discoveryPrefix: 'homeassistant',
  snapshots: true,
  replayPerSecond: 1000,
  cameras: { front: ['person_walking'], yard: ['person_walking'] },
  version: '0.1.0',
  info: {},
  redact: createRedactor(),
  onRequest: async () => ({}),
}
