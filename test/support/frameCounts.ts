/** The frame counters of one scrape: received = encoded + skipped + dropped + in flight. */

import type { DropReason } from '../../src/telemetry/internalEvents.ts'
import { metricSum } from './metricSum.ts'

/** Every reason for which a frame may be dropped: the compiler requires all of them. */
const EVERY_REASON = { stale: true, encoder: true, shutdown: true, corrupt: true } satisfies Record<DropReason, true>
export const DROP_REASONS = Object.keys(EVERY_REASON) as DropReason[]

export interface FrameCounts {
  readonly received: number
  readonly encoded: number
  readonly skipped: number
  readonly inFlight: number
  readonly droppedFor: Readonly<Record<DropReason, number>>
  /** For all reasons. */
  readonly dropped: number
}

/** @param metrics text of /metrics */
export function frameCounts(metrics: string): FrameCounts {
  const sum = (name: string, labels?: RegExp) => metricSum(metrics, `watchword_${name}`, labels)
  const droppedFor = recordOf(reason => sum('frames_dropped_total', new RegExp(`reason="${reason}"`)))
  return {
    received: sum('frames_received_total'),
    encoded: sum('frames_encoded_total'),
    skipped: sum('frames_skipped_total'),
    inFlight: sum('frames_in_flight'),
    droppedFor,
    dropped: sum('frames_dropped_total'),
  }
}

export function countsSince(before: FrameCounts, after: FrameCounts): FrameCounts {
  return {
    received: after.received - before.received,
    encoded: after.encoded - before.encoded,
    skipped: after.skipped - before.skipped,
    inFlight: after.inFlight - before.inFlight,
    droppedFor: recordOf(reason => after.droppedFor[reason] - before.droppedFor[reason]),
    dropped: after.dropped - before.dropped,
  }
}

function recordOf(count: (reason: DropReason) => number): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map(reason => [reason, count(reason)])) as Record<DropReason, number>
}
