/** Runs stored frames through scores, rules and thresholds, as live frames run. The reader waits: memory is bounded. */

import { type OperatorFunction, Subject } from 'rxjs'
import type { HistoryRange, HistoryReader } from '../../history/history.ts'
import { decide } from '../../operators/decide.ts'
import type { QuietMemory } from '../../operators/score.ts'
import { smoothedScores } from '../../operators/smoothedScores.ts'
import type { WatchState } from '../../operators/watchState.ts'
import type { Outcome, ScoredFrame, Signal } from '../../types.ts'
import { FRAME_GAP_MS, UPDATE_EVERY_MS } from '../watchStateOf.ts'

export interface ReplayOptions {
  readonly reader: Pick<HistoryReader, 'read'>
  readonly range: HistoryRange
  /** Which events are scored, and where. */
  readonly watchState: WatchState
  readonly memory: QuietMemory
  readonly scoring: 'two-way' | 'softmax'
}

/** Frames, statuses and changes of events in order. Events that are open at the end of the range end with `shutdown`. */
export function replay(options: ReplayOptions): AsyncGenerator<Outcome> {
  return through(options, decide({ ...operatorOptions(options), updateEveryMs: UPDATE_EVERY_MS }))
}

/** Only the smoothed scores: rules and thresholds come after them. */
export function replayScores(options: ReplayOptions): AsyncGenerator<Signal<ScoredFrame>> {
  return through(options, smoothedScores(operatorOptions(options)))
}

function operatorOptions({ watchState, memory, scoring }: ReplayOptions) {
  return { watchState: () => watchState, memory, scoring, gapMs: FRAME_GAP_MS }
}

/** The operators are synchronous: what one frame caused has left them when `next` returns. */
async function* through<Out>(
  { reader, range }: ReplayOptions,
  operator: OperatorFunction<ReplayInput, Out>,
): AsyncGenerator<Out> {
  const input = new Subject<ReplayInput>()
  let outputs: Out[] = []
  let failure: { readonly error: unknown } | null = null
  const subscription = input.pipe(operator).subscribe({
    next: output => outputs.push(output),
    error: error => {
      failure = { error }
    },
  })
  const taken = () => {
    if (failure !== null) throw failure.error
    const ready = outputs
    outputs = []
    return ready
  }
  try {
    for await (const signal of reader.read(range)) {
      input.next(signal)
      for (const output of taken()) yield output
    }
    input.complete()
    for (const output of taken()) yield output
  } finally {
    subscription.unsubscribe()
  }
}

type ReplayInput = ReturnType<HistoryReader['read']> extends AsyncIterable<infer Item> ? Item : never
