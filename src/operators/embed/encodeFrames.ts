/** Sends the images of some frames to the encoder and reports the result to telemetry. A failed batch is a result here, not an error. */

import { asyncScheduler } from 'rxjs'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EncodedBatch, EncodedView, Encoder, MarkedFrame, PartialView } from '../../types.ts'
import { countViews } from './countViews.ts'

/** The images of one frame that need an embedding; at least one. */
export interface Departure {
  readonly frame: MarkedFrame
  /** The whole image is among them. */
  readonly whole: boolean
  readonly views: readonly PartialView[]
}

/** The encoder's answer for one departure. */
export interface Arrival {
  readonly variant: string
  /** Null when the whole image was not sent. */
  readonly embedding: Float32Array | null
  /** In the order of the departure. */
  readonly views: readonly EncodedView[]
}

/**
 * Calls `done` once: with one arrival per departure, in order, or with null when a batch was lost. Lost frames are
 * counted as dropped with reason `encoder`. The whole images' pixel buffers are transferred; views keep theirs.
 * More images than the encoder takes at once go in several batches, one after the other.
 * @returns a function that cancels: afterwards nothing is called or counted
 */
export function encodeFrames(
  encoder: Encoder,
  departures: readonly Departure[],
  telemetry: Telemetry,
  done: (arrivals: readonly Arrival[] | null) => void,
): () => void {
  let cancelled = false
  const leftAt = asyncScheduler.now()

  const succeeded = (batches: readonly EncodedBatch[]) => {
    if (cancelled) return
    const [first] = batches
    const embeddings = batches.flatMap(batch => batch.embeddings)
    if (first === undefined || embeddings.length !== countImages(departures)) return failed()
    reportEncoded(departures, batches, telemetry)
    telemetry.emit({ type: 'StageTimed', stage: 'encode', seconds: (asyncScheduler.now() - leftAt) / 1000 })
    done(arrivalsOf(departures, embeddings, first.variant))
  }
  const failed = () => {
    if (cancelled) return
    const cameras = departures.map(({ frame }) => frame.camera)
    for (const camera of new Set(cameras)) {
      const count = cameras.filter(name => name === camera).length
      telemetry.emit({ type: 'FramesDropped', camera, reason: 'encoder', count })
    }
    for (const { frame, views } of departures) countViews(telemetry, frame.camera, views, 'encoder')
    done(null)
  }

  const images = departures.flatMap(imagesOf)
  const batches: EncodedBatch[] = []
  const sendFrom = (from: number) => {
    const end = from + encoder.maxBatch
    const received = (batch: EncodedBatch) => {
      batches.push(batch)
      if (end < images.length && !cancelled) sendFrom(end)
      else succeeded(batches)
    }
    // Two arguments, no `catch`: an error thrown downstream by `done` must not count as the encoder's.
    encoder.encode(images.slice(from, end)).then(received, failed)
  }
  sendFrom(0)
  return () => {
    cancelled = true
  }
}

function countImages(departures: readonly Departure[]): number {
  return departures.reduce((count, { whole, views }) => count + Number(whole) + views.length, 0)
}

/** Views are copied: an event that starts shows what the encoder saw. */
function imagesOf({ frame, whole, views }: Departure): Uint8Array<ArrayBuffer>[] {
  return [...(whole ? [frame.pixels] : []), ...views.map(({ pixels }) => pixels.slice())]
}

function arrivalsOf(
  departures: readonly Departure[],
  embeddings: readonly Float32Array[],
  variant: string,
): readonly Arrival[] {
  const rest = [...embeddings]
  return departures.map(({ whole, views }) => {
    const embedding = whole ? (rest.shift() ?? null) : null
    const encoded = views.flatMap((view): EncodedView[] => {
      const vector = rest.shift()
      return vector === undefined ? [] : [{ view, embedding: vector, reused: false }]
    })
    return { variant, embedding, views: encoded }
  })
}

function reportEncoded(departures: readonly Departure[], batches: readonly EncodedBatch[], telemetry: Telemetry): void {
  const cameras = departures.flatMap(({ frame, whole }) => (whole ? [frame.camera] : []))
  batches.forEach(({ variant, embeddings, seconds }, index) => {
    const isFirst = index === 0
    telemetry.emit({ type: 'BatchEncoded', variant, size: embeddings.length, seconds, cameras: isFirst ? cameras : [] })
  })
  for (const { frame, views } of departures) countViews(telemetry, frame.camera, views, 'encoded')
}
