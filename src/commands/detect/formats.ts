/** Formats the output files of `detect`: events.json, scores.csv and subtitles. The same input gives the same bytes. */

import { wherePayload, whyPayload } from '../../sinks/eventPayload.ts'
import type { WatchEvent } from '../../types.ts'
import { position, subtitleTime } from './clock.ts'
import type { Decider, Finding, ScoreRow } from './findings.ts'

export interface RunFacts {
  readonly video: string
  readonly model: string
  readonly variant: string
  readonly scoring: 'two-way' | 'softmax'
  readonly sampling: { readonly fps: number } | { readonly everyNth: number }
  /** Number of frames analysed. */
  readonly frames: number
}

/** Pretty JSON; times in seconds from the video's beginning. */
export function eventsJson(facts: RunFacts, found: readonly Finding[]): string {
  const events = found.map(({ event }) => ({
    id: event.id,
    event: event.event,
    start_time: seconds(event.startTime),
    end_time: seconds(event.endTime ?? event.frameTime),
    top_score: round(event.topScore),
    top_time: seconds(event.topTime),
    where: event.where && wherePayload(event.where),
    why: event.why && whyPayload(event.why),
    // Events still open at the last frame end with the video.
    end_reason: event.endReason === 'shutdown' ? 'video_end' : event.endReason,
  }))
  const { sampling, ...others } = facts
  const sampled = 'fps' in sampling ? { fps: sampling.fps } : { sample_rate: sampling.everyNth }
  return `${JSON.stringify({ ...others, ...sampled, events }, null, 2)}\n`
}

/**
 * One line a frame: seconds, motion, then for every event the smoothed score, the raw score, the view that decided and its
 * box. Cells have no comma: a view is `whole`, `crop-3`, `zone-gate`; a box `x y width height`, empty for the whole image.
 */
export function scoresCsv(names: readonly string[], rows: readonly ScoreRow[]): string {
  const columns = ['', '_raw', '_view', '_box'].flatMap(suffix => names.map(name => `${name}${suffix}`))
  const header = ['seconds', 'motion', ...columns]
  const lines = rows.map(({ at, motion, scores, rawScores, deciders }) =>
    [
      seconds(at),
      round(motion),
      ...names.map(name => round(scores[name])),
      ...names.map(name => round(rawScores[name])),
      ...names.map(name => deciders[name]?.id ?? ''),
      ...names.map(name => boxCell(deciders[name])),
    ].join(','),
  )
  return `${[header.join(','), ...lines].join('\n')}\n`
}

function boxCell(decider: Decider | undefined): string {
  if (decider === undefined || decider.id === 'whole') return ''
  const { x, y, width, height } = decider.subject
  return [x, y, width, height].map(value => Math.round(value * 10_000) / 10_000).join(' ')
}

/** SubRip: one entry an event, in order of start. */
export function subtitles(found: readonly Finding[]): string {
  return [...found]
    .sort((a, b) => a.event.startTime - b.event.startTime)
    .map(({ event }, index) => {
      const span = `${subtitleTime(event.startTime)} --> ${subtitleTime(event.endTime ?? event.frameTime)}`
      return `${index + 1}\n${span}\n${title(event)} (${percent(event.topScore)})\n`
    })
    .join('\n')
}

/** `vehicle_stopping` → `vehicle stopping`. */
export function title(event: Pick<WatchEvent, 'event'>): string {
  return event.event.replaceAll('_', ' ')
}

export function percent(score: number): string {
  return `${Math.round(score * 100)} %`
}

/** `00:12.0 – 00:19.5` */
export function span(event: WatchEvent): string {
  return `${position(event.startTime)} – ${position(event.endTime ?? event.frameTime)}`
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

function round(value = 0): number {
  return Math.round(value * 1e6) / 1e6
}
