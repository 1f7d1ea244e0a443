/** Found events as spans with the time of their publication. */

import type { EventChange, WatchEvent } from '../types.ts'
import type { FoundEvent } from './evaluateSpans.ts'

export interface PublishedEvent {
  readonly event: WatchEvent
  /** Frame time at which it was published, ms. */
  readonly publishedAt: number
}

/** Event name → its events, in the order they are given. */
export function foundEvents(published: Iterable<PublishedEvent>): Map<string, FoundEvent[]> {
  const spans = new Map<string, FoundEvent[]>()
  for (const { event, publishedAt } of published) {
    const span = { from: event.startTime, to: event.endTime ?? event.frameTime, publishedAt }
    const known = spans.get(event.event)
    if (known) known.push(span)
    else spans.set(event.event, [span])
  }
  return spans
}

/** The events that ended among these changes. */
export function publishedEvents(changes: readonly EventChange[]): PublishedEvent[] {
  const publishedAt = new Map<string, number>()
  return changes.flatMap(({ type, after }) => {
    if (type === 'new') publishedAt.set(after.id, after.frameTime)
    return type === 'end' ? [{ event: after, publishedAt: publishedAt.get(after.id) ?? after.frameTime }] : []
  })
}
