/** Measures whether delivery makes progress: how old the oldest waiting change is, and since when it has been the oldest. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { Outbox } from './outbox.ts'

export interface DeliveryMeterOptions {
  readonly outbox: Pick<Outbox, 'oldest'>
  readonly isConnected: () => boolean
  readonly telemetry: Telemetry
  /** ms on a steady clock. */
  readonly now?: () => number
}

const EVERY_MS = 5000

/**
 * While the broker is away nothing is expected to leave: that time does not count, and a connection that comes back does not
 * reset it. A long queue that is being sent has another oldest change each time.
 * @returns the way to stop
 */
export function startDeliveryMeter(options: DeliveryMeterOptions): () => void {
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
