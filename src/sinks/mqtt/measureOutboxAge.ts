/** Measures delivery: the age of the oldest waiting change, and how long it has been the oldest while connected. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { Outbox } from './outbox.ts'

export interface OutboxAgeOptions {
  readonly outbox: Pick<Outbox, 'oldest'>
  readonly isConnected: () => boolean
  readonly telemetry: Telemetry
  /** ms on a steady clock. */
  readonly now?: () => number
}

const EVERY_MS = 5000

/**
 * Time without a connection does not count, and a new connection does not reset the measurement. A long queue in delivery
 * has another oldest change each time.
 * @returns a function that stops the measurement
 */
export function measureOutboxAge(options: OutboxAgeOptions): () => void {
  const { outbox, isConnected, telemetry, now = () => performance.now() } = options
  let oldestN: number | null = null
  let stalledMs = 0
  let measuredAt = now()
  const measure = () => {
    const { oldest } = outbox
    const at = now()
    if (oldest?.n !== oldestN) stalledMs = 0
    else if (oldest && isConnected()) stalledMs += at - measuredAt
    oldestN = oldest?.n ?? null
    measuredAt = at
    const oldestSeconds = oldest ? Math.max(0, at - oldest.since) / 1000 : 0
    telemetry.emit({ type: 'DeliveryMeasured', oldestSeconds, stalledSeconds: stalledMs / 1000 })
  }
  const timer = setInterval(measure, EVERY_MS).unref()
  return () => clearInterval(timer)
}
