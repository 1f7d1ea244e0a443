/** What every sink is: it takes what leaves the pipeline and gives nothing back. */

import type { Observable } from 'rxjs'
import { catchError, concatMap, EMPTY, filter, lastValueFrom } from 'rxjs'
import type { SinkName, Telemetry } from '../telemetry/internalEvents.ts'
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

/** A disk that has not answered for so long counts as failed, and nothing waits for it any longer. */
export const DISK_DEADLINE_MS = 2000

export interface DiskDeadline {
  /**
   * Resolves when the work has ended or the deadline has passed; at once while earlier work is overdue. The work goes on
   * in any case. `work` never rejects.
   */
  wait(work: Promise<unknown>): Promise<void>
}

/** Bounds the waiting for a disk that may hang: a network share without its server, a dying drive. */
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
