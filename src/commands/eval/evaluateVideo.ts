/** Finds the events of one video with one variant, and compares them with its labels. */

import type { FoundEvent } from '../../eval/evaluateSpans.ts'
import { foundEvents, publishedEvents } from '../../eval/foundEvents.ts'
import { type Matches, matchSpans, type Recording, type Span } from '../../eval/matchSpans.ts'
import type { Truth } from '../../eval/truthOf.ts'
import { detectAt } from '../../operators/detectAt.ts'
import { withoutImages } from '../../operators/withoutImages.ts'
import type { ScoredFrame, Signal } from '../../types.ts'
import type { Detected, DetectVideoListeners, DetectVideoOptions } from '../detect/detectVideo.ts'
import type { Finding } from '../detect/findings.ts'
import { FRAME_GAP_MS } from '../watchStateOf.ts'
import { createMoments, type SpanMoments } from './createMoments.ts'

/** Where events are detected once more, for the precision–recall curve. */
export const THRESHOLDS: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20)

/** A found event with what the report shows of it. */
export interface Found extends FoundEvent {
  readonly finding: Finding
}

export interface EventResult {
  readonly event: string
  readonly matches: Matches<Span, Found>
  /** Uncertain spans. */
  readonly uncertain: readonly Span[]
  /** The same truth with the events of each of THRESHOLDS; none where the scores are not known. */
  readonly runs: readonly Matches<Span, FoundEvent>[]
  /** Of the missed spans, as far as there are images. */
  readonly moments: ReadonlyMap<Span, SpanMoments>
}

export interface VideoResult {
  readonly variant: string
  readonly model: string
  /** ms */
  readonly durationMs: number
  readonly frames: number
  readonly events: readonly EventResult[]
  /** Event name → the score at which it starts; empty where it is not known. */
  readonly thresholds: Readonly<Record<string, number>>
}

export interface EvaluateOptions {
  readonly path: string
  readonly truth: Truth
  /** As its header states it, ms; null: the last frame tells. */
  readonly durationMs: number | null
  /** Least intersection over union of a pair, (0, 1]. */
  readonly overlap: number
  readonly detection: DetectVideoOptions
  readonly listeners: DetectVideoListeners
  readonly detect: (
    video: string,
    options: DetectVideoOptions,
    listeners: DetectVideoListeners,
  ) => Promise<Pick<Detected, 'findings' | 'facts' | 'rules' | 'thresholds'>>
}

/** @throws WatchwordError as `detectVideo` */
export async function evaluateVideo(options: EvaluateOptions): Promise<VideoResult> {
  const { path, truth, overlap, detection, listeners, detect } = options
  const truths = new Map(detection.events.map(event => [event, truth.events.get(event)?.truths ?? []]))
  const moments = createMoments(truths)
  const scored: Signal<ScoredFrame>[] = []
  const { findings, facts, rules, thresholds } = await detect(path, detection, {
    ...listeners,
    onOutcome: outcome => {
      if (outcome.kind === 'event') return
      if (outcome.kind === 'frame') moments.take(outcome)
      scored.push(outcome.kind === 'frame' ? withoutImages(outcome) : outcome)
    },
  })
  const thresholdsTried = rules.size === 0 ? [] : THRESHOLDS
  const runs = detectAt(scored, { rules: () => rules, gapMs: FRAME_GAP_MS }, thresholdsTried)
  const runEvents = runs.map(({ changes }) => foundEvents(publishedEvents(changes)))
  const events = detection.events.map((event): EventResult => {
    const uncertain = [...(truth.events.get(event)?.ignored ?? []), ...truth.ignored]
    const recording = { truths: truths.get(event) ?? [], ignored: uncertain }
    const matches = onlyMistakes(matchSpans({ ...recording, found: foundOf(findings.found, event) }, overlap))
    const pictures = matches.missed.map(span => [span, moments.of(span)] as const)
    return {
      event,
      matches,
      uncertain,
      runs: runEvents.map(found => matchSpans(withFound(recording, found.get(event)), overlap)),
      moments: new Map(pictures.flatMap(([span, moment]) => (moment === null ? [] : [[span, moment] as const]))),
    }
  })
  const durationMs = options.durationMs ?? findings.rows.at(-1)?.at ?? 0
  return { variant: facts.variant, model: facts.model, durationMs, frames: facts.frames, events, thresholds }
}

/** Only false alarms are shown: images of the others, and pixels, would fill the memory. */
function onlyMistakes(matches: Matches<Span, Found>): Matches<Span, Found> {
  const falseAlarms = new Set(matches.falseAlarms)
  const slim = (found: Found): Found => {
    const { picture } = found.finding
    const kept = falseAlarms.has(found) && picture !== null ? { ...picture, viewImage: null } : null
    return { ...found, finding: { ...found.finding, picture: kept } }
  }
  const wrong = matches.wrong.map(found => [found, slim(found)] as const)
  return {
    ...matches,
    pairs: matches.pairs.map(({ truth, found }) => ({ truth, found: slim(found) })),
    wrong: wrong.map(([, kept]) => kept),
    falseAlarms: wrong.filter(([found]) => falseAlarms.has(found)).map(([, kept]) => kept),
    ignored: matches.ignored.map(slim),
  }
}

function withFound(
  recording: Pick<Recording, 'truths' | 'ignored'>,
  found: readonly FoundEvent[] = [],
): Recording<Span, FoundEvent> {
  return { ...recording, found }
}

function foundOf(findings: readonly Finding[], event: string): Found[] {
  return findings
    .filter(finding => finding.event.event === event)
    .map(finding => ({
      from: finding.event.startTime,
      to: finding.event.endTime ?? finding.event.frameTime,
      publishedAt: finding.publishedAt,
      finding,
    }))
}
