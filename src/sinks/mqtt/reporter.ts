/** Reports what a broker does not take: once, with what to change. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { BrokerLimits } from './brokerLimits.ts'
import type { Refusal } from './reasonCodes.ts'

export interface Reporter {
  refused(topic: string, refusal: Refusal, error: string): void
  /** It was taken: when it is refused again, that is news. Not so for its size, which differs from value to value. */
  taken(topic: string): void
  /** What the broker is known not to do. */
  limits(): void
}

/** A message that was in flight, the last time alone, when a broker hung up. */
export const HUNG_UP = 'the broker hung up on it more than once'

export function createReporter(limits: BrokerLimits, telemetry: Telemetry): Reporter {
  const once = (key: string, what: string, emit: () => void) => {
    if (limits.reported.get(key) === what) return
    limits.reported.set(key, what)
    emit()
  }
  return {
    refused: (topic, refusal, error) =>
      once(`${refusal} ${topic}`, error, () => telemetry.emit({ type: 'MqttRefused', topic, refusal, error })),
    taken: topic => {
      for (const refusal of ['busy', 'refused']) limits.reported.delete(`${refusal} ${topic}`)
    },
    limits: () => {
      const missing = { retain: !limits.retain, qos: limits.qos === 0 }
      for (const limit of ['retain', 'qos'] as const)
        if (missing[limit]) once(`#${limit}`, limit, () => telemetry.emit({ type: 'MqttLimited', limit }))
    },
  }
}
