/** Before an encoder, for files: nothing is dropped, the reader waits, and batches depend on the input alone. */

import { Observable, type OperatorFunction } from 'rxjs'
import type { Telemetry } from '../telemetry/happenings.ts'
import type { EncodedBatch, EncodedFrame, Encoder, MarkedFrame, Signal } from '../types.ts'
import type { Demand } from './demand.ts'
import { encodePictures } from './embed/encodePictures.ts'
import type { Embedded } from './embed/lane.ts'

export interface EmbedEveryOptions {
  /** Frames a batch; the encoder's own bound holds too. */
  readonly maxBatch: number
  /** Held while one batch is on its way and the next is full. A reader that ignores it fills memory. */
  readonly demand: Pick<Demand, 'hold' | 'release'>
}

/** A batch leaves at this many times its size in frames, however many of them are still: they wait in memory. */
const STILL_FACTOR = 4

interface Item {
  readonly signal: Signal<MarkedFrame>
  readonly encode: boolean
}

/**
 * ```
 * frames   abcde|                batches of 2, an encoder that takes 4 ticks
 * embedEvery
 * encoded  -----(ab)(cd)(e|)
 * ```
 *
 * Batches are filled by count and closed by a camera's `ended` or by completion, never by a clock: the same input
 * makes the same batches. The encoder is never asked twice at once. A failing batch is dropped and counted.
 */
export function embedEvery(
  encoder: Encoder,
  { maxBatch, demand }: EmbedEveryOptions,
  telemetry: Telemetry,
): OperatorFunction<Signal<MarkedFrame>, Signal<EncodedFrame>> {
  return source =>
    new Observable(subscriber => {
      const room = Math.min(maxBatch, encoder.maxBatch)
      /** Cameras whose last embedding a still frame may use once everything before it is encoded. */
      const expected = new Set<string>()
      const embedded = new Map<string, Embedded>()
      const full: Item[][] = []
      let filling: Item[] = []
      let flying: Item[] | null = null
      let completed = false
      let forget = () => {}

      const take = (signal: Signal<MarkedFrame>) => {
        const encode = signal.kind === 'frame' && !(signal.still && expected.has(signal.camera))
        if (encode) expected.add(signal.camera)
        if (signal.kind === 'status' && signal.state !== 'online') expected.delete(signal.camera)
        filling.push({ signal, encode })
        const ended = signal.kind === 'status' && signal.state === 'ended'
        const encodes = filling.filter(item => item.encode).length
        if (encodes >= room || filling.length >= STILL_FACTOR * room || ended) close()
      }

      const close = () => {
        full.push(filling)
        filling = []
        advance()
      }

      const advance = () => {
        if (subscriber.closed) return
        if (flying === null) depart()
        if (full.length > 0) demand.hold()
        else demand.release()
        if (completed && flying === null) subscriber.complete()
      }

      const depart = () => {
        flying = full.shift() ?? null
        if (flying === null) return
        const items = flying
        const frames = items.flatMap(({ signal, encode }) => (encode && signal.kind === 'frame' ? [signal] : []))
        if (frames.length === 0) arrive(items, null)
        else forget = encodePictures(encoder, frames, telemetry, batch => arrive(items, batch))
      }

      const arrive = (items: readonly Item[], batch: EncodedBatch | null) => {
        let position = 0
        const settled = items.flatMap(item => {
          const fresh = item.encode ? batch?.embeddings[position++] : undefined
          return settle(item, batch && fresh ? { embedding: fresh, variant: batch.variant } : null) ?? []
        })
        flying = null
        // Before scores and rules look at this one: the encoder must not wait for them.
        if (full[0]?.some(({ encode }) => encode)) depart()
        for (const signal of settled) subscriber.next(signal)
        advance()
      }

      const settle = (item: Item, fresh: Embedded | null): Signal<EncodedFrame> | null => {
        const { signal, encode } = item
        if (signal.kind === 'frame') return encode ? encoded(signal, fresh) : gated(signal)
        if (signal.state !== 'online') embedded.delete(signal.camera)
        return signal
      }

      const encoded = (frame: MarkedFrame, fresh: Embedded | null): EncodedFrame | null => {
        if (fresh) {
          embedded.set(frame.camera, fresh)
          return { kind: 'frame', frame, ...fresh, reused: false }
        }
        // Lost and counted with its batch; still frames that follow show a scene that nobody has seen.
        embedded.delete(frame.camera)
        expected.delete(frame.camera)
        return null
      }

      const gated = (frame: MarkedFrame): EncodedFrame | null => {
        const { camera } = frame
        const last = embedded.get(camera)
        if (last) telemetry.emit({ type: 'FrameGated', camera })
        else telemetry.emit({ type: 'FramesDropped', camera, reason: 'encoder', count: 1 })
        return last ? { kind: 'frame', frame, ...last, reused: true } : null
      }

      subscriber.add(() => {
        forget()
        demand.release()
        for (const { signal } of [...(flying ?? []), ...full.flat(), ...filling]) {
          if (signal.kind !== 'frame') continue
          telemetry.emit({ type: 'FramesDropped', camera: signal.camera, reason: 'shutdown', count: 1 })
        }
      })
      subscriber.add(
        source.subscribe({
          next: take,
          error: error => subscriber.error(error),
          complete: () => {
            completed = true
            close()
          },
        }),
      )
    })
}
