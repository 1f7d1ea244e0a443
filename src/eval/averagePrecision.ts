/** The area under a precision–recall curve. */

import type { Accuracy } from './evaluateSpans.ts'

export interface CurvePoint {
  readonly threshold: number
  readonly accuracy: Accuracy
}

/**
 * All-point interpolation, as PASCAL VOC has computed it since 2010: the precision at a recall is the highest one at
 * that recall or above. Events of a low threshold may melt into one, so recall need not rise where a threshold falls.
 * @param points in any order; none: 0
 */
export function averagePrecision(points: readonly CurvePoint[]): number {
  const rising = points
    .map(({ accuracy: { recall, precision } }) => ({ recall, precision }))
    .sort((a, b) => a.recall - b.recall)
  let area = 0
  let best = 0
  for (let i = rising.length - 1; i >= 0; i--) {
    const { recall, precision } = rising[i] as (typeof rising)[number]
    best = Math.max(best, precision)
    area += (recall - (rising[i - 1]?.recall ?? 0)) * best
  }
  return area
}
