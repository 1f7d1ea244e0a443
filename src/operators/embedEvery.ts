/** Encodes every frame of files: nothing is dropped, the reader waits, and batches depend on the input alone. */

import { Observable, type OperatorFunction, type Subscriber } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EncodedFrame, Encoder, MarkedFrame, Signal } from '../types.ts'
import type { Backpressure } from './backpressure.ts'
import { type AttachedBatch, attachEmbeddings, type LastEmbeddings } from './embed/attachEmbeddings.ts'
import { countViews } from './embed/countViews.ts'
import { type Arrival, type Departure, encodeFrames } from './embed/encodeFrames.ts'
import { type BatchItem, EMPTY_BATCH, fillBatch, withoutScene } from './embed/fillBatch.ts'

export interface EmbedEveryOptions {
  /** Images per batch; the encoder's own limit holds as well. */
  readonly maxBatch: number
  /** Held while one batch is being encoded and the next one is full. A reader that ignores it fills memory. */
  readonly backpressure: Pick<Backpressure, 'pause' | 'resume'>
}

/**
 * ```
 * frames   abcde|                batches of 2, an encoder that takes 4 ticks
 * embedEvery
 * encoded  -----(ab)(cd)(e|)
 * ```
 *
 * Batches are filled by count and closed by a camera's `ended` or by completion, never by a clock: the same input
 * makes the same batches. The encoder never gets two batches at once. A failing batch is dropped and counted.
 */
export function embedEvery(
  encoder: Encoder,
  options: EmbedEveryOptions,
  telemetry: Telemetry,
): OperatorFunction<Signal<MarkedFrame>, Signal<EncodedFrame>> {
  return source =>
    new Observable(subscriber => {
      const batches = createBatchQueue(encoder, options, telemetry, subscriber)
      subscriber.add(batches.cancel)
      subscriber.add(
        source.subscribe({
          next: batches.take,
          error: error => subscriber.error(error),
          complete: batches.complete,
        }),
      )
    })
}

function createBatchQueue(
  encoder: Encoder,
  { maxBatch, backpressure }: EmbedEveryOptions,
  telemetry: Telemetry,
  subscriber: Subscriber<Signal<EncodedFrame>>,
) {
  const batchSize = Math.min(maxBatch, encoder.maxBatch)
  const full: (readonly BatchItem[])[] = []
  let state = EMPTY_BATCH
  let last: LastEmbeddings = new Map()
  let inFlight: readonly BatchItem[] | null = null
  let completed = false
  let ignoreAnswer = () => {}

  const advance = () => {
    if (subscriber.closed) return
    if (inFlight === null) send()
    if (full.length > 0) backpressure.pause()
    else backpressure.resume()
    if (completed && inFlight === null) subscriber.complete()
  }

  const send = () => {
    inFlight = full.shift() ?? null
    if (inFlight === null) return
    const items = inFlight
    const departures = items.flatMap(departureOf)
    if (departures.length === 0) receive(items, null)
    else ignoreAnswer = encodeFrames(encoder, departures, telemetry, arrivals => receive(items, arrivals))
  }

  const receive = (items: readonly BatchItem[], arrivals: readonly Arrival[] | null) => {
    const attached = attachEmbeddings(last, items, arrivals)
    last = attached.last
    countBatch(attached, telemetry)
    for (const { signal } of [...attached.lost, ...attached.orphaned]) state = withoutScene(state, signal.camera)
    inFlight = null
    // The next batch starts before this one is scored: the encoder must not wait for scores and rules.
    if (full[0]?.some(item => departureOf(item).length > 0)) send()
    for (const signal of attached.signals) subscriber.next(signal)
    advance()
  }

  return {
    take(signal: Signal<MarkedFrame>) {
      const [next, closed] = fillBatch(state, signal, batchSize)
      state = next
      if (closed === null) return
      full.push(closed)
      advance()
    },
    complete() {
      completed = true
      if (state.filling.length > 0) full.push(state.filling)
      state = { ...state, filling: [] }
      advance()
    },
    cancel() {
      ignoreAnswer()
      backpressure.resume()
      for (const { signal } of [...(inFlight ?? []), ...full.flat(), ...state.filling])
        if (signal.kind === 'frame') {
          telemetry.emit({ type: 'FramesDropped', camera: signal.camera, reason: 'shutdown', count: 1 })
          countViews(telemetry, signal.camera, signal.views, 'shutdown')
        }
    },
  }
}

function departureOf({ signal, encode, views }: BatchItem): Departure[] {
  return signal.kind === 'frame' && (encode || views.length > 0) ? [{ frame: signal, whole: encode, views }] : []
}

/** What was lost with a failed batch, and what came back from the encoder, was already counted by `encodeFrames`. */
function countBatch({ signals, lost, orphaned }: AttachedBatch, telemetry: Telemetry): void {
  for (const signal of signals) {
    if (signal.kind !== 'frame') continue
    const { camera, views } = signal.frame
    if (signal.reused) telemetry.emit({ type: 'FrameSkipped', camera })
    const reused = signal.views.flatMap(({ view, reused: isReused }) => (isReused ? view : []))
    countViews(telemetry, camera, reused, 'unchanged')
    const present = signal.views.map(({ view }) => view.id)
    const missing = views.filter(({ id }) => !present.includes(id))
    countViews(telemetry, camera, missing, 'encoder')
  }
  for (const { signal, views } of [...lost, ...orphaned])
    if (signal.kind === 'frame') {
      const unsent = signal.views.filter(view => !views.includes(view))
      countViews(telemetry, signal.camera, unsent, 'encoder')
    }
  for (const { signal } of orphaned)
    telemetry.emit({ type: 'FramesDropped', camera: signal.camera, reason: 'encoder', count: 1 })
}
