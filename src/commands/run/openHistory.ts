/** The history of a run: what the encoder saw goes to disk, exactly where an event may begin. */

import { filter, type Observable } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { openHistoryWriter } from '../../history/openHistoryWriter.ts'
import { createSinkHealth } from '../../sinks/sink.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EncodedFrame, Outcome, ScoredFrame, Signal } from '../../types.ts'
import { thresholdsOf } from '../watchStateOf.ts'

type Config = LoadedConfig['config']

export interface HistoryParts {
  readonly dataDir: string
  readonly encoder: { readonly modelSha: string; readonly variant: string; readonly dim: number }
  /** In force now: a reload changes the events. */
  readonly config: () => Pick<Config, 'history' | 'events'>
  readonly telemetry: Telemetry
}

export interface History {
  /** Sees every encoded frame and status. */
  take(signal: Signal<EncodedFrame>): void
  /** Follows the scores. */
  follow(outcomes$: Observable<Outcome>): void
  /** Ends in bounded time; never rejects. */
  close(): Promise<void>
}

/** A score above this part of its threshold may become an event. */
const NEAR_THRESHOLD = 0.5

/** @returns null when the config switches it off */
export function openHistory({ dataDir, encoder, config, telemetry }: HistoryParts): History | null {
  const { enabled, max_age: maxAgeMs, max_bytes: maxBytes, thumbnails } = config().history
  if (!enabled) return null
  const { modelSha: sha256, variant, dim } = encoder
  const writer = openHistoryWriter({
    dataDir,
    model: { sha256, variant, dim },
    maxAgeMs,
    maxBytes,
    thumbnails,
    telemetry,
    health: createSinkHealth('history', telemetry),
  })
  return {
    take: writer.take,
    follow: outcomes$ => {
      outcomes$.pipe(filter(({ kind }) => kind === 'frame')).subscribe({
        next: outcome => {
          const { frame, scores } = outcome as ScoredFrame
          if (isNearThreshold(scores, thresholdsOf(config().events))) writer.keepExact(frame.camera)
        },
        // It is reported elsewhere.
        error: () => {},
      })
    },
    close: writer.close,
  }
}

function isNearThreshold(scores: ScoredFrame['scores'], thresholds: Readonly<Record<string, number>>): boolean {
  return Object.entries(scores).some(([event, score]) => score >= NEAR_THRESHOLD * (thresholds[event] ?? 1))
}
