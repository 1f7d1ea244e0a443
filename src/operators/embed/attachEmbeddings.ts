/** Gives the frames of a batch and their views their embeddings: new ones, or the last one where nothing changed. Pure. */

import type { EncodedFrame, EncodedView, MarkedFrame, Signal } from '../../types.ts'
import type { Embedded } from './cameraSlot.ts'
import type { Arrival } from './encodeFrames.ts'
import { type BatchItem, viewKey } from './fillBatch.ts'

/** Camera, or camera and view (`viewKey`) → its last embedding. */
export type LastEmbeddings = ReadonlyMap<string, Embedded>

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
  last: Map<string, Embedded>,
  { arrival, reused }: { readonly arrival: Arrival | null; readonly reused: boolean },
): EncodedFrame | null {
  const embedded = last.get(frame.camera)
  if (embedded === undefined) return null
  return { kind: 'frame', frame, ...embedded, reused, views: viewsOf(frame, last, arrival) }
}

/** @param arrival null when it was lost */
function remember(last: Map<string, Embedded>, camera: string, arrival: Arrival | null): void {
  if (arrival === null) {
    forget(last, camera)
    return
  }
  const { variant, embedding, views } = arrival
  if (embedding !== null) last.set(camera, { embedding, variant })
  for (const { view, embedding: vector } of views) last.set(viewKey(camera, view.id), { embedding: vector, variant })
}

function forget(last: Map<string, Embedded>, camera: string): void {
  for (const key of [...last.keys()]) if (key === camera || key.startsWith(viewKey(camera, ''))) last.delete(key)
}

/** Also forgets the views that have ended. */
function viewsOf(frame: MarkedFrame, last: Map<string, Embedded>, arrival: Arrival | null): EncodedView[] {
  const { camera, views } = frame
  const keys = views.map(({ id }) => viewKey(camera, id))
  for (const key of [...last.keys()]) if (key.startsWith(viewKey(camera, '')) && !keys.includes(key)) last.delete(key)
  return views.flatMap((view): EncodedView[] => {
    const embedding = last.get(viewKey(camera, view.id))?.embedding
    const reused = arrival?.views.every(sent => sent.view.id !== view.id) ?? true
    return embedding === undefined ? [] : [{ view, embedding, reused }]
  })
}
