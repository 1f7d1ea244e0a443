/** Passes the pipeline's outcomes to their handlers until they end. */

import type { Observable } from 'rxjs'
import type { CameraStatus, EventChange, Outcome, ScoredFrame } from '../../types.ts'

export interface OutcomeHandlers {
  readonly onChange: (change: EventChange) => Promise<void>
  readonly onStatus: (status: CameraStatus) => void
  readonly onScores: (frame: ScoredFrame) => void
}

/** Resolves when the outcomes have ended and every change is stored in the outbox. */
export async function consumeOutcomes(
  outcomes$: Observable<Outcome>,
  { onChange, onStatus, onScores }: OutcomeHandlers,
): Promise<void> {
  const stored = new Set<Promise<void>>()
  await new Promise<void>(resolve => {
    outcomes$.subscribe({
      next: outcome => {
        if (outcome.kind === 'status') onStatus(outcome)
        if (outcome.kind === 'frame') onScores(outcome)
        if (outcome.kind !== 'event') return
        const storing = onChange(outcome).finally(() => stored.delete(storing))
        stored.add(storing)
      },
      // The pipeline's error is reported elsewhere; the changes before it are still sent.
      error: () => resolve(),
      complete: resolve,
    })
  })
  await Promise.all(stored)
}
