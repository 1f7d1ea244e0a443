/** Divides a lossless stream into batches by count alone, so that the same input always makes the same batches. Pure. */

import type { MarkedFrame, Signal } from '../../types.ts'

export interface BatchItem {
  readonly signal: Signal<MarkedFrame>
  /** The frame goes to the encoder; false for statuses and for unchanged frames, which reuse an embedding. */
  readonly encode: boolean
}

export interface BatchState {
  readonly filling: readonly BatchItem[]
  /** Cameras whose unchanged frames may reuse an embedding once everything before them is encoded. */
  readonly encodable: ReadonlySet<string>
}

export const EMPTY_BATCH: BatchState = { filling: [], encodable: new Set() }

/** A batch closes at this many times its size in signals, even if nearly all frames are unchanged: they wait in memory. */
const STILL_FACTOR = 4

/**
 * A batch closes when it holds `batchSize` frames to encode, when it is too long, or when a camera's file has ended.
 *
 * @param batchSize frames to encode per batch, at least 1
 * @returns the next state and the batch that has just closed; null when none has
 */
export function fillBatch(
  { filling, encodable }: BatchState,
  signal: Signal<MarkedFrame>,
  batchSize: number,
): readonly [BatchState, readonly BatchItem[] | null] {
  const encode = signal.kind === 'frame' && !(signal.still && encodable.has(signal.camera))
  const items = [...filling, { signal, encode }]
  const next = encodableAfter(encodable, signal, encode)
  const isEnd = signal.kind === 'status' && signal.state === 'ended'
  const isFull = items.filter(item => item.encode).length >= batchSize || items.length >= STILL_FACTOR * batchSize
  return isEnd || isFull ? [{ filling: [], encodable: next }, items] : [{ filling: items, encodable: next }, null]
}

/** A frame of this camera was lost: its unchanged frames must be encoded again. */
export function withoutScene(state: BatchState, camera: string): BatchState {
  return { ...state, encodable: without(state.encodable, camera) }
}

function encodableAfter(
  cameras: ReadonlySet<string>,
  signal: Signal<MarkedFrame>,
  encode: boolean,
): ReadonlySet<string> {
  if (encode) return cameras.has(signal.camera) ? cameras : new Set([...cameras, signal.camera])
  return signal.kind === 'status' && signal.state !== 'online' ? without(cameras, signal.camera) : cameras
}

function without(cameras: ReadonlySet<string>, camera: string): ReadonlySet<string> {
  return cameras.has(camera) ? new Set([...cameras].filter(other => other !== camera)) : cameras
}
