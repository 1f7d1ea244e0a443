/** Sends one batch to the encoder and reports the result to telemetry. A failed batch is a result here, not an error. */

import { asyncScheduler } from 'rxjs'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EncodedBatch, Encoder, MarkedFrame } from '../../types.ts'

/**
 * Calls `done` once: with one embedding per frame, in order, or with null when the batch was lost. Lost frames are
 * counted as dropped with reason `encoder`. The frames' pixel buffers are transferred.
 * @returns a function that cancels: afterwards nothing is called or counted
 */
export function encodeFrames(
  encoder: Encoder,
  frames: readonly MarkedFrame[],
  telemetry: Telemetry,
  done: (batch: EncodedBatch | null) => void,
): () => void {
  let cancelled = false
  const leftAt = asyncScheduler.now()
  const cameras = frames.map(({ camera }) => camera)

  const succeeded = (batch: EncodedBatch) => {
    if (cancelled) return
    if (batch.embeddings.length !== frames.length) return failed()
    const { variant, seconds } = batch
    telemetry.emit({ type: 'BatchEncoded', variant, size: frames.length, seconds, cameras })
    telemetry.emit({ type: 'StageTimed', stage: 'encode', seconds: (asyncScheduler.now() - leftAt) / 1000 })
    done(batch)
  }
  const failed = () => {
    if (cancelled) return
    for (const camera of new Set(cameras)) {
      const count = cameras.filter(name => name === camera).length
      telemetry.emit({ type: 'FramesDropped', camera, reason: 'encoder', count })
    }
    done(null)
  }

  // Two arguments, no `catch`: an error thrown downstream by `done` must not count as the encoder's.
  encoder.encode(frames.map(({ pixels }) => pixels)).then(succeeded, failed)
  return () => {
    cancelled = true
  }
}
