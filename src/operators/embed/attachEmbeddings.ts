/** Gives the frames of a batch their embeddings: new ones, or the last one of the camera for an unchanged frame. Pure. */

import type { EncodedBatch, EncodedFrame, MarkedFrame, Signal } from '../../types.ts'
import type { Embedded } from './cameraSlot.ts'
import type { BatchItem } from './fillBatch.ts'

/** Camera → its last embedding. */
export type LastEmbeddings = ReadonlyMap<string, Embedded>

export interface AttachedBatch {
  readonly last: LastEmbeddings
  /** In the order of the batch; frames without an embedding are left out. */
  readonly signals: readonly Signal<EncodedFrame>[]
  /** Frames that were sent to the encoder and came back without an embedding. */
  readonly lost: readonly MarkedFrame[]
  /** Unchanged frames whose scene was lost before. */
  readonly orphaned: readonly MarkedFrame[]
}

/** @param batch the encoder's answer, one embedding per item with `encode`, in order; null when the batch was lost */
export function attachEmbeddings(
  before: LastEmbeddings,
  items: readonly BatchItem[],
  batch: EncodedBatch | null,
): AttachedBatch {
  const last = new Map(before)
  const signals: Signal<EncodedFrame>[] = []
  const lost: MarkedFrame[] = []
  const orphaned: MarkedFrame[] = []
  let position = 0
  for (const { signal, encode } of items) {
    if (signal.kind === 'status') {
      if (signal.state !== 'online') last.delete(signal.camera)
      signals.push(signal)
      continue
    }
    const { camera } = signal
    if (encode) {
      const embedding = batch?.embeddings[position++]
      if (batch && embedding) last.set(camera, { embedding, variant: batch.variant })
      else last.delete(camera)
    }
    const embedded = last.get(camera)
    if (embedded) signals.push({ kind: 'frame', frame: signal, ...embedded, reused: !encode, views: [] })
    else (encode ? lost : orphaned).push(signal)
  }
  return { last, signals, lost, orphaned }
}
