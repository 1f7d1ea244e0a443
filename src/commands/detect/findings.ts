/** Collects the events of one video with score curves and peak snapshots, and the scores of all frames. */

import type { Outcome, WatchEvent } from '../../types.ts'

export interface Finding {
  readonly event: WatchEvent
  /** Frame time at which the event was published, ms; later than its start. */
  readonly publishedAt: number
  /** Smoothed scores from start to end, [0, 1]. */
  readonly curve: readonly number[]
  /** JPEG of the peak; null when there was none. */
  readonly picture: Uint8Array | null
}

export interface ScoreRow {
  readonly seq: number
  /** ms from the video's beginning. */
  readonly at: number
  readonly motion: number
  readonly scores: Readonly<Record<string, number>>
  readonly rawScores: Readonly<Record<string, number>>
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
  const pictures = new Map<string, Uint8Array>()

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
        rows.push({ seq: frame.seq, at: frame.capturedAt, motion: frame.motion, scores, rawScores })
        return null
      }
      if (outcome.kind !== 'event') return null
      if (outcome.type === 'new') publishedAt.set(outcome.after.id, outcome.after.frameTime)
      if (outcome.snapshot) pictures.set(outcome.after.id, outcome.snapshot)
      return outcome.type === 'end' ? end(outcome.after) : null
    },
  }
}
