/** Searches one camera's history with every direction that may rank its views, from the nearest vectors on. */

import { LIGHTS } from '../../bank/reservoir.ts'
import type { HistoryHit, HistoryReader } from '../../history/history.ts'
import type { QuietMemory } from '../../operators/score.ts'
import { zoneViewId } from '../../operators/views/countsFor.ts'
import { SAMPLE_VIEW } from '../../operators/views/sampleWindow.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import type { EventText, QuietFit, ScoringTexts } from '../../scoringTypes.ts'
import type { Light, SeenView } from '../../types.ts'
import type { TimeRange } from '../past/pastTime.ts'
import { mergeMoments } from './mergeMoments.ts'

export interface CandidateOptions extends TimeRange {
  readonly reader: Pick<HistoryReader, 'search'>
  readonly camera: string
  /** Names of the camera's zones. */
  readonly zones: readonly string[]
  readonly text: EventText
  readonly texts: ScoringTexts
  readonly memory: QuietMemory
  /** Wanted number of moments. */
  readonly top: number
  readonly mergeMs: number
}

/** A long moment has many views: as many are asked for as it takes to find enough moments, up to the last. */
const FIRST_LIMIT = 500
const LAST_LIMIT = 32_000
const GROWTH = 4
/** So many times the wanted moments are looked at again, because a direction ranks a little differently than scores do. */
const MORE = 2

export interface Candidates {
  /** Every view that was found, once. */
  readonly views: readonly HistoryHit[]
  /** The best of each moment and direction. */
  readonly best: readonly HistoryHit[]
}

export async function findCandidates(options: CandidateOptions): Promise<Candidates> {
  const [views, best] = [new Map<string, HistoryHit>(), new Map<string, HistoryHit>()]
  const keyOf = ({ at, view }: HistoryHit) => `${at}/${view}`
  for (const { direction, world } of directionsOf(options)) {
    const found = await search(options, direction, world)
    for (const hit of found.hits) views.set(keyOf(hit), hit)
    for (const hit of found.best) best.set(keyOf(hit), hit)
  }
  return { views: [...views.values()], best: [...best.values()] }
}

interface Direction {
  readonly direction: Float32Array
  /** Views of this world alone; null: of all. */
  readonly world: string | null
}

/**
 * Where the camera has learned the event, the direction in which it tells it from what it usually shows, one for each
 * world and light. Else the event minus the mean of its contrasts.
 */
function directionsOf({ zones, text, texts, memory }: CandidateOptions): Direction[] {
  const worlds = [WHOLE_VIEW, 'crop', ...zones.map(zoneViewId)]
  const learned = worlds.flatMap(world =>
    LIGHTS.flatMap(light => {
      const direction = fitOf(memory, { world, light, event: text.event })?.direction ?? null
      return direction === null ? [] : [{ direction, world }]
    }),
  )
  const isWholeKnown = learned.some(({ world }) => world === WHOLE_VIEW)
  return isWholeKnown ? learned : [...learned, { direction: plainDirection(text, texts.logitScale), world: null }]
}

/** A memory looks at the world and the light of a view alone. */
function fitOf(
  memory: QuietMemory,
  { world, light, event }: { readonly world: string; readonly light: Light; readonly event: string },
): QuietFit | null {
  return memory.fits({ world, frame: { light } } as SeenView)(event)
}

/** Its product with an embedding is the margin over the mean of the contrasts, nats. */
function plainDirection({ positive, contrast }: EventText, logitScale: number): Float32Array {
  return positive.map((value, i) => {
    const mean = contrast.reduce((sum, phrase) => sum + (phrase[i] as number), 0) / Math.max(1, contrast.length)
    return logitScale * (value - mean)
  })
}

interface Found {
  readonly hits: readonly HistoryHit[]
  readonly best: readonly HistoryHit[]
}

async function search(
  { reader, camera, from, to, top, mergeMs }: CandidateOptions,
  direction: Float32Array,
  world: string | null,
): Promise<Found> {
  for (let limit = Math.max(FIRST_LIMIT, top); ; limit *= GROWTH) {
    const all = await reader.search({ direction, cameras: [camera], from, to, limit })
    const hits = all.filter(({ view }) => view !== SAMPLE_VIEW && (world === null || worldOfId(view) === world))
    const ranked = hits.map(hit => ({ ...hit, rank: hit.value }))
    const moments = mergeMoments(ranked, mergeMs, MORE * top)
    if (moments.length < top && all.length === limit && limit < LAST_LIMIT) continue
    return { hits, best: moments }
  }
}

/** The world of a view whose id alone is known. */
export function worldOfId(id: string): string {
  return id.startsWith('crop-') ? 'crop' : id
}
