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

/** Each peak once: a lower threshold finds the same ones again. @param events of all thresholds, the highest first */
export function nearestEvents(events: readonly WatchEvent[], threshold: number): WatchEvent[] {
  const peaks = new Map<string, WatchEvent>()
  for (const event of events) {
    const key = `${event.camera}/${event.topTime}`
    if (!peaks.has(key)) peaks.set(key, event)
  }
  const distance = ({ topScore }: WatchEvent) => Math.abs(topScore - threshold)
  return [...peaks.values()].sort((a, b) => distance(a) - distance(b) || a.topTime - b.topTime)
}
