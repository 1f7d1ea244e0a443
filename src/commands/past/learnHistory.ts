/** Learns what a camera usually shows from its stored frames, as a bank does from live ones. */

import { admit, EMPTY_RESERVOIR, type Reservoir } from '../../bank/reservoir.ts'
import type { HistoryRange, HistoryReader } from '../../history/history.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import { worldOf } from '../../operators/views/worldOf.ts'
import { byName } from '../../util/byName.ts'

/** No event has been scored: every image may be one without it. */
const NO_SCORES = byName<number>([])

/** @returns `whole`, `crop` or `zone-NAME` → its images; at most 1,000 of each */
export async function learnHistory(
  reader: Pick<HistoryReader, 'read'>,
  range: HistoryRange,
  dim: number,
): Promise<ReadonlyMap<string, Reservoir>> {
  const worlds = new Map<string, Reservoir>()
  for await (const signal of reader.read(range)) {
    if (signal.kind === 'status' || signal.frame.problem !== null) continue
    const { frame, embedding, reused, views } = signal
    const seen = [
      { world: WHOLE_VIEW, embedding, reused },
      ...views.map(({ view, ...rest }) => ({ world: worldOf(view), ...rest })),
    ]
    for (const { world, embedding, reused } of seen) {
      if (reused) continue
      const candidate = { embedding, at: frame.capturedAt, light: frame.light, scores: NO_SCORES }
      worlds.set(world, admit(worlds.get(world) ?? EMPTY_RESERVOIR, candidate, dim))
    }
  }
  return worlds
}
