/** Scores each view of a frame for the events that count there, and lets the camera's banks learn from it. */

import { map, type OperatorFunction } from 'rxjs'
import { type AnswerFits, judgeEvents, NOTHING_LEARNED, type QuietFits, scoresOf } from '../scoring/eventScores.ts'
import { softmaxScores } from '../scoring/softmaxScores.ts'
import type { EventText, ScoringTexts } from '../scoringTypes.ts'
import type { EncodedFrame, ScoredFrame, ScoredView, SeenView, Signal } from '../types.ts'
import { byName } from '../util/byName.ts'
import { bestOfViews } from './views/bestOfViews.ts'
import { countsFor } from './views/countsFor.ts'
import { SAMPLE_VIEW } from './views/sampleWindow.ts'
import type { EventArea } from './views/viewOptions.ts'
import { wholeView } from './views/wholeView.ts'
import { worldOf } from './views/worldOf.ts'

/** What each camera's images taught about its events. */
export interface QuietMemory {
  /** For this kind of view of the frame's camera, in the frame's light. */
  fits(seen: SeenView): QuietFits
  /** What people's answers taught there. Default: nothing. */
  answers?(seen: SeenView): AnswerFits
  /** Offers a scored view as an example of what the camera usually shows. */
  offer(seen: SeenView, scores: Readonly<Record<string, number>>): void
}

/** Learns nothing: the model's calibration decides alone. */
export const NO_MEMORY: QuietMemory = { fits: () => NOTHING_LEARNED, offer: () => {} }

export interface ScoreOptions {
  /** The current text vectors. Called for every frame, so that they can be replaced at run time. */
  readonly texts: () => ScoringTexts
  /** Names of the events that a camera currently watches. */
  readonly watched: (camera: string) => readonly string[]
  /** The zones to which a camera's events are tied. Default: none. */
  readonly areas?: (camera: string) => Readonly<Record<string, EventArea>>
  /** `softmax`: all watched events against each other; nothing is learned. */
  readonly mode: 'two-way' | 'softmax'
  /** Default: NO_MEMORY. */
  readonly memory?: QuietMemory
}

/**
 * ```
 * encoded  a--b--x--c--|     x: a status
 * score
 * scored   A--B--x--C--|
 * ```
 *
 * The score of a frame is the highest of its views.
 */
export function score(options: ScoreOptions): OperatorFunction<Signal<EncodedFrame>, Signal<ScoredFrame>> {
  const { texts, watched, areas = () => byName([]) } = options
  return map(signal => {
    if (signal.kind === 'status') return signal
    const { frame, variant } = signal
    const current = texts()
    const names = watched(frame.camera)
    const events = current.events.filter(({ event }) => names.includes(event))
    const views = viewsOf(signal, events, { ...options, current, areas: areas(frame.camera) })
    const scores = bestOfViews(
      views,
      'scores',
      events.map(({ event }) => event),
    )
    return { kind: 'frame', frame, variant, scores, rawScores: scores, views }
  })
}

interface Context extends Pick<ScoreOptions, 'mode' | 'memory'> {
  readonly current: ScoringTexts
  readonly areas: Readonly<Record<string, EventArea>>
}

function viewsOf(
  { frame, embedding, reused, views }: EncodedFrame,
  events: readonly EventText[],
  { current, areas, mode, memory = NO_MEMORY }: Context,
): ScoredView[] {
  const whole = { view: wholeView(frame), pixels: null, embedding, reused }
  const all = [whole, ...views.map(({ view, ...rest }) => ({ view, pixels: view.pixels, ...rest }))]
  return all.flatMap(({ view, pixels, embedding, reused }) => {
    const counted = events.filter(({ event }) => countsFor(view, areas[event]))
    const seen = { frame, world: worldOf(view), embedding, reused }
    if (mode === 'softmax') {
      const scores = softmaxScores(embedding, current, counted)
      return scoredView({ view, pixels, embedding, scores, judgements: byName([]) })
    }
    // A crop outside of an event's zones is learned from as well, and then it must be known what it shows.
    const learned = view.kind === 'crop' ? events : counted
    const all = judgeEvents(embedding, current, learned, memory.fits(seen), memory.answers?.(seen))
    memory.offer(seen, scoresOf(all))
    const judgements =
      learned === counted ? all : byName(Object.entries(all).filter(([name]) => counted.some(c => c.event === name)))
    return scoredView({ view, pixels, embedding, scores: scoresOf(judgements), judgements })
  })
}

/** A view that is only sampled to learn from it decides nothing. */
function scoredView(scored: Omit<ScoredView, 'rawScores'>): ScoredView[] {
  return scored.view.id === SAMPLE_VIEW ? [] : [{ ...scored, rawScores: scored.scores }]
}
