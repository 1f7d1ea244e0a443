/** Explains a moment for which no trace is stored, from the vectors of the history. */

import { createRecentFrames, logitsOf, phrasesOfEvent, rowOf } from '../../history/createRecentFrames.ts'
import type { TraceRow } from '../../history/eventTrace.ts'
import { didYouMeanHint } from '../../util/didYouMean.ts'
import { WatchwordError } from '../../util/errors.ts'
import { localTime } from '../past/localTime.ts'
import type { Past } from '../past/openPast.ts'
import { replay } from '../past/replay.ts'
import { traceRuleOf } from '../run/openEventTraces.ts'
import { watchStateOf } from '../watchStateOf.ts'
import { type Explanation, momentAt } from './explanation.ts'

export interface AskedMoment {
  readonly camera: string
  readonly event: string
  /** ms since the epoch. */
  readonly at: number
}

/** Smoothing and rules start before what is shown. */
const LEAD_MS = 120_000
const SHOWN_BEFORE_MS = 30_000
const SHOWN_AFTER_MS = 15_000
/** A frame that is farther from the asked time is another moment. */
const NEAR_MS = 30_000

/** @throws WatchwordError `event-id-unknown` for an event that the camera does not watch, `history-missing` without frames */
export async function explainMoment(past: Past, { camera, event, at }: AskedMoment): Promise<Explanation> {
  const texts = await past.texts(past.config.events)
  const watchState = watchStateOf(past.config, texts)
  const rule = traceRuleOf(watchState, camera, event)
  if (rule === null) throw notWatched(past, camera, event)
  const memory = await past.memoryOf(camera, texts)
  const recent = createRecentFrames()
  const rows: TraceRow[] = []
  const range = { camera, from: at - LEAD_MS, to: at + SHOWN_AFTER_MS }
  for await (const outcome of replay({
    reader: past.reader,
    range,
    watchState,
    memory,
    scoring: past.config.model.scoring,
  })) {
    if (outcome.kind !== 'frame' || outcome.frame.capturedAt < at - SHOWN_BEFORE_MS) continue
    const frame = recent.add(outcome, texts)
    const row = rowOf(frame, event)
    if (row !== null) rows.push({ ...row, logits: logitsOf(frame, event) })
  }
  const moment = momentAt(rows, at, phrasesOfEvent(texts, event))
  if (moment === null || Math.abs(moment.row.at - at) > NEAR_MS)
    throw new WatchwordError(`No history of ${camera} at ${localTime(at)}`, {
      code: 'history-missing',
      hint: `Its history reaches from ${reach(past, camera)}`,
    })
  const { sha256, variant, dim } = past.model
  const model = { sha256, variant, dim }
  const shown = { id: null, camera, event, rule, model, state: null, rows, moment, thinned: null }
  return { source: 'vectors', ...shown, askedAt: at }
}

function reach({ histories }: Past, camera: string): string {
  const history = histories.find(each => each.camera === camera)
  return history === undefined ? 'never: the camera has none' : `${localTime(history.from)} to ${localTime(history.to)}`
}

function notWatched({ config }: Past, camera: string, event: string): WatchwordError {
  if (!Object.hasOwn(config.cameras, camera))
    return new WatchwordError(`There is no camera \`${camera}\` in the config`, {
      code: 'event-id-unknown',
      hint: didYouMeanHint(camera, Object.keys(config.cameras), 'cameras'),
    })
  return new WatchwordError(`${camera} does not watch for an event \`${event}\``, {
    code: 'event-id-unknown',
    hint: didYouMeanHint(event, Object.keys(config.events), 'events'),
  })
}
