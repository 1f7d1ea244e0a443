/** Keeps the health topics on MQTT up to date: one per check, and `bridge/health` for all of them. */

import type { Mqtt } from '../../sinks/mqtt/mqtt.ts'
import type { HealthChecks } from '../../telemetry/healthChecks.ts'
import type { InternalEvent } from '../../telemetry/internalEvents.ts'
import { healthOf } from './healthOf.ts'

export interface HealthTopics {
  /** Publishes a check that changed. */
  onChange(change: Extract<InternalEvent, { type: 'HealthChanged' }>): void
  /** After a reload: removes the topics of cameras that no longer exist. */
  watch(wantedFps: Readonly<Record<string, number>>): void
}

export function publishHealth(mqtt: Mqtt, healthChecks: HealthChecks): HealthTopics {
  const publishAll = () => mqtt.publishState(mqtt.topics.health, healthOf(healthChecks.states()))
  publishAll()
  return {
    onChange({ check, subject, state, detail }) {
      mqtt.publishState(mqtt.topics.healthCheck(check, subject), { state, detail })
      publishAll()
    },
    watch(wantedFps) {
      for (const { check, subject } of healthChecks.watch(wantedFps))
        mqtt.clearRetained(mqtt.topics.healthCheck(check, subject))
      publishAll()
    },
  }
}
