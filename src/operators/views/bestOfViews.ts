/** The highest score of each event over the views that count for it. */

import type { ScoredView } from '../../types.ts'
import { byName } from '../../util/byName.ts'

/**
 * @param events their names; one that counts in none of the views has 0
 * @returns event name → score, [0, 1]
 */
export function bestOfViews(
  views: readonly ScoredView[],
  which: 'scores' | 'rawScores',
  events: readonly string[],
): Readonly<Record<string, number>> {
  const best = new Map(events.map(event => [event, 0]))
  for (const view of views)
    for (const [event, score] of Object.entries(view[which])) best.set(event, Math.max(score, best.get(event) ?? 0))
  return byName([...best])
}
