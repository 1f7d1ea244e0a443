/** What every sink is: it takes what leaves the pipeline and gives nothing back. */

import type { Observable } from 'rxjs'
import { catchError, concatMap, EMPTY, filter, lastValueFrom } from 'rxjs'
import type { SinkName, Telemetry } from '../telemetry/happenings.ts'
import type { EventChange, Outcome } from '../types.ts'
import { messageOf } from '../util/errors.ts'

/** Resolves when the stream has ended and everything is flushed. Never rejects: what goes wrong is told to telemetry. */
export type Sink = (outcomes$: Observable<Outcome>) => Promise<void>

/** Hands over one event change after the other. Events are rare, so those that wait are few. */
export async function eachChange(
  outcomes$: Observable<Outcome>,
  handle: (change: EventChange) => Promise<void>,
): Promise<void> {
  const handled$ = outcomes$.pipe(
    filter(outcome => outcome.kind === 'event'),
    concatMap(handle),
    // Why the pipeline failed is not a sink's to say; what came before is written.
    catchError(() => EMPTY),
  )
  await lastValueFrom(handled$, { defaultValue: undefined })
}

/** Says once that a sink failed, and once that it works again. */
export interface SinkHealth {
  failed(error: unknown): void
  worked(): void
}

export function createSinkHealth(sink: SinkName, telemetry: Telemetry): SinkHealth {
  let failing = false
  return {
    failed: error => {
      if (failing) return
      failing = true
      telemetry.emit({ type: 'SinkFailed', sink, error: messageOf(error) })
    },
    worked: () => {
      if (!failing) return
      failing = false
      telemetry.emit({ type: 'SinkRecovered', sink })
    },
  }
}
