/** The interface of all sinks, and their common error handling. */

import type { Observable } from 'rxjs'
import { catchError, concatMap, EMPTY, filter, lastValueFrom } from 'rxjs'
import type { SinkName, Telemetry } from '../telemetry/internalEvents.ts'
import type { EventChange, Outcome } from '../types.ts'
import { messageOf } from '../util/errors.ts'

/** Consumes the pipeline's outcomes. Resolves when the stream has ended and all is flushed. Never rejects: it reports failures. */
export type Sink = (outcomes$: Observable<Outcome>) => Promise<void>

/** Calls `handle` for one event change after the other. Events are rare, so few changes wait. */
export async function eachChange(
  outcomes$: Observable<Outcome>,
  handle: (change: EventChange) => Promise<void>,
): Promise<void> {
  const handled$ = outcomes$.pipe(
    filter(outcome => outcome.kind === 'event'),
    concatMap(handle),
    // The pipeline's error is reported elsewhere; the changes before it are handled.
    catchError(() => EMPTY),
  )
  await lastValueFrom(handled$, { defaultValue: undefined })
}

/** Reports once that a sink failed, and once that it works again. */
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

/** A disk that has not answered for this long counts as failed, and no caller waits for it any longer. */
export const DISK_DEADLINE_MS = 2000

export interface DiskDeadline {
  /**
   * Resolves when the work has ended or the deadline has passed; at once while earlier work is overdue. The work goes on
   * in any case. `work` never rejects.
   */
  wait(work: Promise<unknown>): Promise<void>
}

/** Limits the waiting for a disk that may hang: a network share without its server, a failing drive. */
export function createDiskDeadline(health: SinkHealth, ms = DISK_DEADLINE_MS): DiskDeadline {
  let overdue = 0
  return {
    wait: async work => {
      if (overdue > 0) return
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<void>(resolve => {
        timer = setTimeout(() => {
          overdue++
          health.failed(new Error(`the disk has not answered for ${ms / 1000} s`))
          void work.then(() => {
            overdue--
            health.worked()
          })
          resolve()
        }, ms)
      })
      await Promise.race([work, deadline])
      clearTimeout(timer)
    },
  }
}
