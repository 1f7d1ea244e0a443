/** The recent frames of a camera without their pixels, from which the rows of an event are made. */

import { phraseSides } from '../scoring/explainEvent.ts'
import { logits } from '../scoring/logits.ts'
import type { EventText, Judgement, ScoringTexts } from '../scoringTypes.ts'
import type { Box, ScoredFrame, ScoredView } from '../types.ts'
import type { TracePhrases, TraceRow } from './eventTrace.ts'

/** A scored frame without pixels. */
export interface RecentFrame {
  readonly at: number
  /** With which it was scored. */
  readonly texts: ScoringTexts
  readonly views: readonly RecentView[]
  readonly evidence: ScoredFrame['evidence']
}

interface RecentView {
  readonly id: string
  readonly box: Box
  readonly zones: readonly string[]
  readonly motion: number
  readonly settled: number
  readonly embedding: Float32Array
  readonly scores: Readonly<Record<string, number>>
  readonly rawScores: Readonly<Record<string, number>>
  readonly judgements: Readonly<Record<string, Judgement>>
}

/** An event may be certain long after it began: `loiters` waits for its dwell time. */
const KEEP_MS = 60_000
/** Twenty seconds at 15 fps, a minute at 5: so many embeddings stay in memory per camera and view. */
const KEEP_FRAMES = 300

export interface RecentFrames {
  add(frame: ScoredFrame, texts: ScoringTexts): RecentFrame
  /** Oldest first. */
  since(at: number): readonly RecentFrame[]
  at(at: number): RecentFrame | null
  clear(): void
}

export function createRecentFrames(): RecentFrames {
  let frames: RecentFrame[] = []
  return {
    add: (scored, texts) => {
      const frame = recentFrame(scored, texts)
      const oldest = frame.at - KEEP_MS
      // After the clock was set back, later frames are of no use.
      frames = frames.filter(({ at }) => at >= oldest && at <= frame.at).slice(1 - KEEP_FRAMES)
      frames.push(frame)
      return frame
    },
    since: at => frames.filter(frame => frame.at >= at),
    at: at => frames.findLast(frame => frame.at === at) ?? null,
    clear: () => {
      frames = []
    },
  }
}

function recentFrame({ frame, views, evidence }: ScoredFrame, texts: ScoringTexts): RecentFrame {
  return { at: frame.capturedAt, texts, views: views.map(recentView), evidence }
}

function recentView({ view, embedding, scores, rawScores, judgements }: ScoredView): RecentView {
  const { id, subject, zones, motion, settled } = view
  return { id, box: subject, zones: Object.keys(zones), motion, settled, embedding, scores, rawScores, judgements }
}

/** The row of an event in a frame; null if the camera did not watch for the event then. */
export function rowOf(frame: RecentFrame, event: string): TraceRow | null {
  const { view, evidence, isWatched } = deciderOf(frame, event)
  if (!isWatched) return null
  const judgement = ownValue(view?.judgements, event)
  return {
    at: frame.at,
    score: ownValue(view?.scores, event) ?? 0,
    raw: ownValue(view?.rawScores, event) ?? 0,
    margin: judgement?.margin ?? null,
    aboveQuiet: judgement?.aboveQuiet ?? null,
    learned: judgement?.learned ?? null,
    answers: judgement?.answers ?? null,
    logOdds: judgement?.logOdds ?? null,
    motion: view?.motion ?? 0,
    settled: view?.settled ?? 0,
    evidence,
    view: view?.id ?? null,
    box: view?.box ?? null,
    zones: view?.zones ?? [],
    logits: null,
  }
}

function deciderOf({ views, evidence }: RecentFrame, event: string) {
  const judged = ownValue(evidence, event)
  const counted = views.filter(view => ownValue(view.scores, event) !== undefined)
  const score = (view: RecentView) => ownValue(view.scores, event) ?? 0
  const strongest = counted.reduce<RecentView | null>(
    (best, view) => (best === null || score(view) > score(best) ? view : best),
    null,
  )
  const named = counted.find(({ id }) => id === judged?.view)
  const isWatched = judged !== undefined || strongest !== null
  return { view: named ?? strongest, evidence: judged?.level ?? null, isWatched }
}

/** Logits of an event's phrases in the view that decided; null where they are not known. */
export function logitsOf(frame: RecentFrame, event: string): TracePhrases<number> | null {
  const text = textOf(frame.texts, event)
  const { view } = deciderOf(frame, event)
  if (view === null || text?.words === undefined) return null
  const logit = logits(view.embedding, frame.texts.logitScale)
  const sides = phraseSides(text.words)
  return {
    for: sides.for.map(({ vector }) => logit(vector)),
    against: sides.against.map(({ vector }) => logit(vector)),
  }
}

/** The phrases of an event, in the order of `logitsOf`; none where they are not known. */
export function phrasesOfEvent(texts: ScoringTexts, event: string): TracePhrases<string> {
  const words = textOf(texts, event)?.words
  if (words === undefined) return { for: [], against: [] }
  const sides = phraseSides(words)
  return { for: sides.for.map(({ text }) => text), against: sides.against.map(({ text }) => text) }
}

function textOf({ events }: ScoringTexts, event: string): EventText | undefined {
  return events.find(each => each.event === event)
}

function ownValue<T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}
