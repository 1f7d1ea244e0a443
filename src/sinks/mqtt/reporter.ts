/** Reports rejected messages and missing features of a broker, each once. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { BrokerLimits } from './brokerLimits.ts'
import type { Refusal } from './reasonCodes.ts'

export interface Reporter {
  refused(topic: string, refusal: Refusal, error: string): void
  /** A message was accepted: its next refusal is reported again, except `too-large`, because the size differs per value. */
  accepted(topic: string): void
  /** Reports the features that the broker lacks. */
  limits(): void
}

/** Error for a message that was in flight, the last time alone, when the broker closed the connection. */
export const HUNG_UP = 'the broker closed the connection on it more than once'

export function createReporter(limits: BrokerLimits, telemetry: Telemetry): Reporter {
  const once = (key: string, value: string, emit: () => void) => {
    if (limits.reported.get(key) === value) return
    limits.reported.set(key, value)
    emit()
  }
  return {
    refused: (topic, refusal, error) =>
      once(`${refusal} ${topic}`, error, () => telemetry.emit({ type: 'MqttRefused', topic, refusal, error })),
    accepted: topic => {
      for (const refusal of ['busy', 'refused']) limits.reported.delete(`${refusal} ${topic}`)
    },
    limits: () => {
      const missing = { retain: !limits.retain, qos: limits.qos === 0 }
      for (const limit of ['retain', 'qos'] as const)
        if (missing[limit]) once(`#${limit}`, limit, () => telemetry.emit({ type: 'MqttLimited', limit }))
    },
  }
}
