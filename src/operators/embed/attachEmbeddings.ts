/** Gives the frames of a batch and their views their embeddings: new ones, or the last one where nothing changed. Pure. */

import type { EncodedFrame, EncodedView, MarkedFrame, Signal } from '../../types.ts'
import type { Embedded } from './cameraSlot.ts'
import type { Arrival } from './encodeFrames.ts'
import { type BatchItem, viewKey } from './fillBatch.ts'
import { reusedView } from './reusedView.ts'

/** Camera, or camera and view (`viewKey`) → its last embedding. */
export type LastEmbeddings = ReadonlyMap<string, LastEmbedding>

interface LastEmbedding extends Embedded {
  /** The view that was encoded; none for the whole image. */
  readonly encoded?: EncodedView
}

export interface AttachedBatch {
  readonly last: LastEmbeddings
  /** In the order of the batch; frames without an embedding are left out. */
  readonly signals: readonly Signal<EncodedFrame>[]
  /** Frames whose images were sent to the encoder and came back without an embedding. */
  readonly lost: readonly BatchItem[]
  /** Unchanged frames whose scene was lost before. */
  readonly orphaned: readonly BatchItem[]
}

/** @param arrivals one per item that sent an image, in order; null when they were lost */
export function attachEmbeddings(
  before: LastEmbeddings,
  items: readonly BatchItem[],
  arrivals: readonly Arrival[] | null,
): AttachedBatch {
  const last = new Map(before)
  const signals: Signal<EncodedFrame>[] = []
  const lost: BatchItem[] = []
  const orphaned: BatchItem[] = []
  let position = 0
  for (const item of items) {
    const { signal, encode, views } = item
    const { camera } = signal
    if (signal.kind === 'status') {
      if (signal.state !== 'online') forget(last, camera)
      signals.push(signal)
      continue
    }
    const isSent = encode || views.length > 0
    const arrival = isSent ? (arrivals?.[position++] ?? null) : null
    if (isSent) remember(last, camera, arrival)
    const encoded = encodedFrame(signal, last, { arrival, reused: !encode })
    if (encoded !== null) signals.push(encoded)
    else (isSent && arrival === null ? lost : orphaned).push(item)
  }
  return { last, signals, lost, orphaned }
}

/** @returns null when the whole image has no embedding */
function encodedFrame(
  frame: MarkedFrame,
  last: Map<string, LastEmbedding>,
  { arrival, reused }: { readonly arrival: Arrival | null; readonly reused: boolean },
): EncodedFrame | null {
  const embedded = last.get(frame.camera)
  if (embedded === undefined) return null
  const { embedding, variant } = embedded
  return { kind: 'frame', frame, embedding, variant, reused, views: viewsOf(frame, last, arrival) }
}

/** @param arrival null when it was lost */
function remember(last: Map<string, LastEmbedding>, camera: string, arrival: Arrival | null): void {
  if (arrival === null) {
    forget(last, camera)
    return
  }
  const { variant, embedding, views } = arrival
  if (embedding !== null) last.set(camera, { embedding, variant })
  for (const encoded of views)
    last.set(viewKey(camera, encoded.view.id), { embedding: encoded.embedding, variant, encoded })
}

function forget(last: Map<string, LastEmbedding>, camera: string): void {
  for (const key of [...last.keys()]) if (key === camera || key.startsWith(viewKey(camera, ''))) last.delete(key)
}

/** Also forgets the views that have ended. */
function viewsOf(frame: MarkedFrame, last: Map<string, LastEmbedding>, arrival: Arrival | null): EncodedView[] {
  const { camera, views } = frame
  const keys = views.map(({ id }) => viewKey(camera, id))
  for (const key of [...last.keys()]) if (key.startsWith(viewKey(camera, '')) && !keys.includes(key)) last.delete(key)
  return views.flatMap((view): EncodedView[] => {
    const encoded = last.get(viewKey(camera, view.id))?.encoded
    if (encoded === undefined) return []
    const isSent = arrival?.views.some(sent => sent.view.id === view.id) ?? false
    return [isSent ? encoded : reusedView(view, encoded)]
  })
}
