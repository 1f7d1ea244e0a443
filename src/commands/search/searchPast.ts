/** Finds the moments of the stored past that fit a phrase best. */

import type { HistoryHit } from '../../history/history.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import type { EventText, Judgement, ScoringTexts } from '../../scoringTypes.ts'
import type { View, Where } from '../../types.ts'
import { byName } from '../../util/byName.ts'
import { percent } from '../detect/formats.ts'
import type { AskedEvent } from '../past/askedEvent.ts'
import { chosenHistories } from '../past/chosenHistories.ts'
import type { Past } from '../past/openPast.ts'
import type { TimeRange } from '../past/pastTime.ts'
import { findCandidates, worldOfId } from './findCandidates.ts'
import { type JudgedHit, judgeHit } from './judgeHit.ts'
import { isNear, mergeMoments, type Seen } from './mergeMoments.ts'

export interface SearchOptions {
  readonly asked: AskedEvent
  /** null: every camera with history. */
  readonly cameras: readonly string[] | null
  readonly range: TimeRange
  /** Most moments. */
  readonly top: number
  /** Views of a camera that are no further apart than this are one moment. */
  readonly mergeMs: number
}

export interface FoundMoment {
  readonly camera: string
  /** Capture time of its best view, ms. */
  readonly at: number
  /** From the first to the last of the views that fit about as well. */
  readonly from: number
  readonly to: number
  /** Number of these views, near copies not counted. */
  readonly count: number
  readonly view: View
  readonly where: Where
  readonly judgement: Judgement
  /** JPEG of the whole image, and of the view; null when none is stored. */
  readonly thumbnail: Uint8Array | null
  readonly viewThumbnail: Uint8Array | null
}

export interface Searched {
  readonly asked: AskedEvent
  readonly model: { readonly name: string; readonly variant: string }
  readonly range: TimeRange
  readonly cameras: readonly (TimeRange & { readonly camera: string })[]
  /** Best first. */
  readonly moments: readonly FoundMoment[]
  /** In sentences. */
  readonly notes: readonly string[]
}

/** A view whose margin is this much lower still belongs to the moment, nats: what one frame differs from the next. */
const ALIKE_NATS = 2
/** With this score an image begins to be surprising for its camera. */
const SURPRISING = 0.5

/**
 * The rank is the score's log-odds, as live before smoothing: the margin of the phrase over its contrasts, compared with
 * what the camera shows without the event. A cosine alone would rank cameras, not moments.
 * @throws WatchwordError `invalid-option`, `history-missing`
 */
export async function searchPast(past: Past, options: SearchOptions): Promise<Searched> {
  const { asked, range, top, mergeMs } = options
  const chosen = chosenHistories(past.histories, options.cameras, range)
  const texts = await past.texts(byName([[asked.name, asked.settings]]))
  const found: Found[] = []
  for (const part of chosen.cameras) found.push(...(await findOn(part, past, { texts, options })))
  const merged = mergeMoments(found, mergeMs, top)
  const moments: FoundMoment[] = []
  for (const best of merged) moments.push(await foundMoment(best, past, mergeMs))
  return {
    asked,
    model: past.model,
    range,
    cameras: chosen.cameras,
    moments,
    notes: [...chosen.notes, ...resultNotes(moments)],
  }
}

interface Found extends JudgedHit, Seen {
  /** All views that were found on the camera. */
  readonly all: readonly HistoryHit[]
}

async function findOn(
  { camera, from, to }: TimeRange & { readonly camera: string },
  { reader, config, memoryOf }: Past,
  { texts, options: { asked, top, mergeMs } }: { readonly texts: ScoringTexts; readonly options: SearchOptions },
): Promise<Found[]> {
  const memory = await memoryOf(camera, texts)
  const zones = Object.keys(config.cameras[camera]?.zones ?? {})
  const text = texts.events[0] as EventText
  const { best, views: all } = await findCandidates({
    ...{ reader, camera, from, to, zones, text, texts, memory, top, mergeMs },
  })
  const found: Found[] = []
  for (const hit of best) {
    const judged = await judgeHit(hit, { reader, texts, event: asked.name, memory })
    if (judged !== null)
      found.push({ ...judged, camera, at: hit.at, until: hit.until, rank: judged.judgement.logOdds, all })
  }
  return found
}

async function foundMoment(best: Found, { reader }: Past, mergeMs: number): Promise<FoundMoment> {
  const { camera, at, until, view, judgement, all } = best
  const near = all.filter(hit => isNear(hit, best, mergeMs) && fitsAlike(hit, best.hit))
  return {
    camera,
    at,
    from: near.reduce((least, hit) => Math.min(least, hit.at), at),
    to: near.reduce((most, hit) => Math.max(most, hit.until), until),
    count: near.length,
    view,
    where: { box: view.subject, zones: Object.keys(view.zones), view: view.kind },
    judgement,
    thumbnail: await reader.thumbnail(camera, at, WHOLE_VIEW),
    viewThumbnail: view.kind === 'whole' ? null : await reader.thumbnail(camera, at, view.id),
  }
}

/** Of one kind of view, and not much worse. */
function fitsAlike(hit: HistoryHit, best: HistoryHit): boolean {
  return worldOfId(hit.view) === worldOfId(best.view) && hit.value >= best.value - ALIKE_NATS
}

function resultNotes(moments: readonly FoundMoment[]): string[] {
  const [best] = moments
  if (best === undefined) return ['No image with an embedding is stored in that time']
  if (best.judgement.score >= SURPRISING) return []
  return [
    `Nothing stands out from what the cameras usually show: the best score is ${percent(best.judgement.score)}. These are the least unlike`,
  ]
}
