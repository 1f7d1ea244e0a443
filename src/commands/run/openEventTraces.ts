/** The traces of a run: the numbers of each event go to disk, so that `explain` can show them later. */

import { lastValueFrom, tap } from 'rxjs'
import { createEventTraces } from '../../history/createEventTraces.ts'
import { traceFolder } from '../../history/eventTrace.ts'
import { openTraceFiles } from '../../history/openTraceFiles.ts'
import { rulesOf, type WatchState } from '../../operators/watchState.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'

export interface EventTraceParts {
  readonly dataDir: string
  readonly encoder: { readonly modelSha: string; readonly variant: string; readonly dim: number }
  readonly store: {
    /** In force now. */
    watchState(): WatchState
    config(): { readonly history: { readonly enabled: boolean; readonly max_age: number } }
  }
  readonly telemetry: Telemetry
}

/** @returns null when the config switches history off */
export function openEventTraces({ dataDir, encoder, store, telemetry }: EventTraceParts): Sink | null {
  const { enabled, max_age: maxAgeMs } = store.config().history
  if (!enabled) return null
  const files = openTraceFiles({ dir: traceFolder(dataDir), maxAgeMs, telemetry, now: Date.now })
  const { modelSha: sha256, variant, dim } = encoder
  const traces = createEventTraces({
    texts: () => store.watchState().texts,
    rule: (camera, event) => traceRuleOf(store.watchState(), camera, event),
    model: { sha256, variant, dim },
    write: (file, record) => files.append(file, JSON.stringify(record)),
  })
  return async outcomes$ => {
    const taken$ = outcomes$.pipe(tap(outcome => traces.take(outcome)))
    // The pipeline's error is reported elsewhere.
    await lastValueFrom(taken$, { defaultValue: null }).catch(() => null)
    traces.finish()
    await files.close()
  }
}

export function traceRuleOf(watchState: WatchState, camera: string, event: string) {
  const rule = rulesOf(watchState, camera).get(event)
  if (rule === undefined) return null
  const { threshold, releaseThreshold } = rule.trigger
  return { rule: rule.rule, threshold, releaseThreshold }
}
