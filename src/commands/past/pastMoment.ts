/** Events of the past with a picture of their peak, and which of them a reader looks at first. */

import type { HistoryReader } from '../../history/history.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import type { WatchEvent } from '../../types.ts'

/** An event at its peak. */
export interface PastMoment {
  readonly event: WatchEvent
  /** It is an event at the chosen threshold, not only at a lower one. */
  readonly isEvent: boolean
  /** JPEG of the whole image; null when none is stored. */
  readonly thumbnail: Uint8Array | null
}

export async function pastMoment(
  reader: Pick<HistoryReader, 'thumbnail'>,
  event: WatchEvent,
  isEvent: boolean,
): Promise<PastMoment> {
  return { event, isEvent, thumbnail: await reader.thumbnail(event.camera, event.topTime, WHOLE_VIEW) }
}

/** By their highest scores. */
export function strongestEvents(events: readonly WatchEvent[]): WatchEvent[] {
  return [...events].sort((a, b) => b.topScore - a.topScore || a.topTime - b.topTime)
}

/**
 * Those whose peaks are nearest to the threshold, on both sides. Lower thresholds find the same again, only longer: of
 * events that overlap, the first one counts.
 * @param events those at the threshold, then those at all thresholds, the highest first
 */
export function nearestEvents(events: readonly WatchEvent[], threshold: number): WatchEvent[] {
  const known = new Map<string, WatchEvent[]>()
  const once = events.filter(event => {
    const minutes = minutesOf(event)
    const isKnown = minutes.some(minute => known.get(minute)?.some(other => overlap(other, event)))
    if (!isKnown) for (const minute of minutes) known.set(minute, [...(known.get(minute) ?? []), event])
    return !isKnown
  })
  const distance = ({ topScore }: WatchEvent) => Math.abs(topScore - threshold)
  return once.sort((a, b) => distance(a) - distance(b) || a.topTime - b.topTime)
}

const MINUTE_MS = 60_000

/** So that an event is compared with its neighbours alone. */
function minutesOf(event: WatchEvent): string[] {
  const first = Math.floor(event.startTime / MINUTE_MS)
  const last = Math.floor(endOf(event) / MINUTE_MS)
  return Array.from({ length: last - first + 1 }, (_, i) => `${event.camera}/${first + i}`)
}

function overlap(a: WatchEvent, b: WatchEvent): boolean {
  return a.startTime <= endOf(b) && b.startTime <= endOf(a)
}

function endOf({ startTime, endTime, frameTime }: WatchEvent): number {
  return Math.max(startTime, endTime ?? frameTime)
}
