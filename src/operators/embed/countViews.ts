/** Counts views at the end of their way, by their kind. */

import type { Telemetry, ViewOutcome } from '../../telemetry/internalEvents.ts'
import type { View } from '../../types.ts'

export function countViews(
  telemetry: Telemetry,
  camera: string,
  views: readonly Pick<View, 'kind'>[],
  outcome: ViewOutcome,
): void {
  for (const view of ['zone', 'crop'] as const) {
    const count = views.filter(({ kind }) => kind === view).length
    if (count > 0) telemetry.emit({ type: 'ViewsCounted', camera, view, outcome, count })
  }
}
