/** Starts the series of known label values at 0, and removes the gauges of removed cameras. */

import type { Instruments } from './createInstruments.ts'
import { CAMERA_CHECKS } from './healthChecks.ts'
import {
  BOUNDS,
  DROP_REASONS,
  HISTORY_SKIP_REASONS,
  LIGHTS,
  LOSS_REASONS,
  PROBLEMS,
  RESULTS,
  SINKS,
  STAGES,
  TRACE_SKIPS,
  VIEW_OUTCOMES,
} from './labelValues.ts'

/** Label values that are known from the config. Their series start at 0, so that `rate()` sees the first increment. */
export interface KnownSeries {
  /** Camera → the events it watches for. */
  readonly cameras: Readonly<Record<string, readonly string[]>>
  readonly variants: readonly string[]
}

/** Series that do not depend on the config: they are there from the start. */
export function startFixedSeries(on: Instruments): void {
  for (const sink of SINKS) on.sinkFailures.inc({ sink }, 0)
  for (const result of RESULTS) on.mqttMessages.inc({ result }, 0)
  for (const bound of BOUNDS) on.outboxDropped.inc({ bound }, 0)
  for (const reason of TRACE_SKIPS) on.tracesSkipped.inc({ reason }, 0)
  for (const stage of STAGES) on.stage.zero({ stage })
  for (const replayed of ['true', 'false']) on.delivered.inc({ replayed }, 0)
  for (const result of ['ok', 'error']) {
    on.requests.inc({ result }, 0)
    on.reloads.inc({ result }, 0)
  }
}

/**
 * Starts these series and removes those of cameras that are no longer configured.
 * @param removed kept up to date: cameras that a reload removed
 */
export function createDeclare(on: Instruments, removed: Set<string>): (known: KnownSeries) => void {
  let declared: string[] = []
  return ({ cameras, variants }) => {
    for (const camera of declared.filter(camera => !Object.hasOwn(cameras, camera))) {
      removed.add(camera)
      forget(on, camera)
    }
    // A new camera counts as enabled until its status says otherwise.
    for (const camera of Object.keys(cameras)) if (!declared.includes(camera)) on.cameraEnabled.set({ camera }, 1)
    declared = Object.keys(cameras)
    for (const camera of declared) removed.delete(camera)
    for (const variant of variants) {
      on.encoded.inc({ variant }, 0)
      on.inference.zero({ variant })
      on.batchSize.zero({ variant })
      on.encoderCrashes.inc({ variant }, 0)
    }
    for (const [camera, events] of Object.entries(cameras)) declareCamera(on, camera, events)
  }
}

function declareCamera(on: Instruments, camera: string, events: readonly string[]): void {
  on.received.inc({ camera }, 0)
  on.skipped.inc({ camera, reason: 'unchanged' }, 0)
  for (const reason of DROP_REASONS) on.dropped.inc({ camera, reason }, 0)
  for (const view of ['crop', 'zone']) for (const outcome of VIEW_OUTCOMES) on.views.inc({ camera, view, outcome }, 0)
  for (const reason of LOSS_REASONS) on.reconnects.inc({ camera, reason }, 0)
  for (const problem of PROBLEMS) on.cameraProblem.inc({ camera, problem }, 0)
  for (const reason of HISTORY_SKIP_REASONS) on.historySkipped.inc({ camera, reason }, 0)
  on.historyFrames.inc({ camera }, 0)
  on.historyVectors.inc({ camera }, 0)
  on.historyThumbnails.inc({ camera }, 0)
  // A reload declares again: values of cameras that stay must not change.
  on.cameraUp.inc({ camera }, 0)
  on.decodeErrors.inc({ camera }, 0)
  for (const event of events) {
    on.active.inc({ camera, event }, 0)
    for (const type of ['new', 'update', 'end']) on.events.inc({ camera, event, type }, 0)
  }
}

/** A removed camera's gauges would show its last state for ever; counters may stay until the restart. */
function forget(on: Instruments, camera: string): void {
  on.cameraUp.remove({ camera })
  on.cameraEnabled.remove({ camera })
  on.lastFrame.remove({ camera })
  for (const light of LIGHTS) on.bankImages.remove({ camera, light })
  for (const problem of PROBLEMS) on.cameraProblem.remove({ camera, problem })
  for (const check of CAMERA_CHECKS) on.check.remove({ check, subject: camera })
}
