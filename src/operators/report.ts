/** Reports what leaves the pipeline to telemetry. */

import { type MonoTypeOperatorFunction, tap } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { Outcome } from '../types.ts'

export function report(telemetry: Telemetry): MonoTypeOperatorFunction<Outcome> {
  return tap(outcome => {
    if (outcome.kind === 'event') telemetry.emit({ type: 'EventChanged', change: outcome })
    else if (outcome.kind === 'status') telemetry.emit({ type: 'CameraStatusChanged', status: outcome })
    else
      for (const [event, score] of Object.entries(outcome.scores))
        telemetry.emit({ type: 'ScoreChanged', camera: outcome.frame.camera, event, score })
  })
}
