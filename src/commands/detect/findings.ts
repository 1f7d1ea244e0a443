/** Collects the events of one video with score curves and peak snapshots, and the scores of all frames. */

import type { EventChange, Outcome, ScoredFrame, ScoredView, View, ViewImage, WatchEvent, Where } from '../../types.ts'
import { byName } from '../../util/byName.ts'

export interface Finding {
  readonly event: WatchEvent
  /** Frame time at which the event was published, ms; later than its start. */
  readonly publishedAt: number
  /** Smoothed scores from start to end, [0, 1]. */
  readonly curve: readonly number[]
  /** Of the peak; null when there was none. */
  readonly picture: Picture | null
}

export interface Picture {
  readonly jpeg: Uint8Array
  /** Where the event was in it. */
  readonly where: Where | null
  /** What the model saw there; null: the whole image. */
  readonly viewImage: ViewImage | null
}

/** The part of a frame that decided the score of an event. */
export type Decider = Pick<View, 'id' | 'subject'>

export interface ScoreRow {
  readonly seq: number
  /** ms from the video's beginning. */
  readonly at: number
  readonly motion: number
  readonly scores: Readonly<Record<string, number>>
  readonly rawScores: Readonly<Record<string, number>>
  /** Event name → the view with its highest score. */
  readonly deciders: Readonly<Record<string, Decider>>
}

export interface Findings {
  /** Takes one outcome; returns the finding if an event ended with it. */
  take(outcome: Outcome): Finding | null
  readonly found: readonly Finding[]
  readonly rows: readonly ScoreRow[]
}

export function createFindings(): Findings {
  const found: Finding[] = []
  const rows: ScoreRow[] = []
  const publishedAt = new Map<string, number>()
  const pictures = new Map<string, Picture>()

  const end = (event: WatchEvent): Finding => {
    const span = rows.filter(({ at }) => at >= event.startTime && at <= (event.endTime ?? Number.POSITIVE_INFINITY))
    const curve = span.map(({ scores }) => scores[event.event] ?? 0)
    const { id, frameTime } = event
    const finding = { event, publishedAt: publishedAt.get(id) ?? frameTime, curve, picture: pictures.get(id) ?? null }
    publishedAt.delete(id)
    pictures.delete(id)
    found.push(finding)
    return finding
  }

  return {
    found,
    rows,
    take(outcome) {
      if (outcome.kind === 'frame') {
        const { frame, scores, rawScores } = outcome
        const deciders = decidersOf(outcome)
        rows.push({ seq: frame.seq, at: frame.capturedAt, motion: frame.motion, scores, rawScores, deciders })
        return null
      }
      if (outcome.kind !== 'event') return null
      if (outcome.type === 'new') publishedAt.set(outcome.after.id, outcome.after.frameTime)
      const picture = pictureOf(outcome)
      if (picture) pictures.set(outcome.after.id, picture)
      return outcome.type === 'end' ? end(outcome.after) : null
    },
  }
}

function pictureOf({ snapshot, viewImage, after: { where } }: EventChange): Picture | null {
  return snapshot && { jpeg: snapshot, where, viewImage }
}

/** Of two views with the same score, the first. */
function decidersOf({ scores, views }: ScoredFrame): Readonly<Record<string, Decider>> {
  return byName(
    Object.keys(scores).flatMap(event => {
      const scored = views.filter(view => Object.hasOwn(view.scores, event))
      const [first, ...others] = scored
      if (first === undefined) return []
      const best = others.reduce((high, next) => (scoreOf(next, event) > scoreOf(high, event) ? next : high), first)
      // A copy of two fields: a view may hold its pixels.
      return [[event, { id: best.view.id, subject: best.view.subject }] as const]
    }),
  )
}

function scoreOf({ scores }: ScoredView, event: string): number {
  return scores[event] ?? 0
}
