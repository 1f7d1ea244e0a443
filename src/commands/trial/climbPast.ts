/** Reads the past once and finds at which thresholds which events would have rung. */

import { rulesOf, type WatchState, watchedEvents } from '../../operators/watchState.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { createThresholdLadder, fromBusiest, type ThresholdLadder } from '../../trial/thresholdLadder.ts'
import type { TrialPast } from '../../trial/trialTypes.ts'
import type { Past } from '../past/openPast.ts'
import type { TimeRange } from '../past/pastTime.ts'
import { replayScores } from '../past/replay.ts'
import { FRAME_GAP_MS } from '../watchStateOf.ts'

export type CameraRange = TimeRange & { readonly camera: string }

export interface ClimbOptions {
  readonly watchState: WatchState
  readonly texts: ScoringTexts
  readonly cameras: readonly CameraRange[]
  /** Position in the past of all cameras, [0, 1]. */
  readonly onProgress?: (fraction: number) => void
}

/** @returns event name → its past on all cameras that watch it; without events that none of them watches */
export async function climbPast(past: Past, options: ClimbOptions): Promise<ReadonlyMap<string, TrialPast>> {
  const { watchState, texts, cameras, onProgress = () => {} } = options
  const totalMs = cameras.reduce((sum, { from, to }) => sum + to - from, 0)
  const ladders = new Map<string, ThresholdLadder>()
  let doneMs = 0
  for (const range of cameras) {
    const own = watchedEvents(watchState, range.camera).flatMap(event => laddersOf(ladders, event, range, watchState))
    const memory = await past.memoryOf(range.camera, texts)
    const replayed = { reader: past.reader, range, watchState, memory, scoring: past.config.model.scoring }
    for await (const signal of own.length === 0 ? [] : replayScores(replayed)) {
      for (const ladder of own) ladder.take(signal)
      if (signal.kind === 'frame') onProgress((doneMs + signal.frame.capturedAt - range.from) / totalMs)
    }
    doneMs += range.to - range.from
  }
  return new Map([...ladders].map(([event, ladder]) => [event, fromBusiest(ladder.finish())]))
}

function laddersOf(
  ladders: Map<string, ThresholdLadder>,
  event: string,
  { camera }: CameraRange,
  watchState: WatchState,
): ThresholdLadder[] {
  const rule = rulesOf(watchState, camera).get(event)
  if (rule === undefined) return []
  const ladder = ladders.get(event) ?? createThresholdLadder({ event, rule, gapMs: FRAME_GAP_MS })
  ladders.set(event, ladder)
  return [ladder]
}
