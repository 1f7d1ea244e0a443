/** Divides a lossless stream into batches by count alone, so that the same input always makes the same batches. Pure. */

import type { MarkedFrame, PartialView, Signal } from '../../types.ts'

export interface BatchItem {
  readonly signal: Signal<MarkedFrame>
  /** The whole image goes to the encoder; false for statuses and for unchanged frames, which reuse an embedding. */
  readonly encode: boolean
  /** Views that go to the encoder; the others of the frame are unchanged. */
  readonly views: readonly PartialView[]
}

export interface BatchState {
  readonly filling: readonly BatchItem[]
  /** Cameras and views (`viewKey`) that may reuse an embedding once everything before them is encoded. */
  readonly encodable: ReadonlySet<string>
}

export const EMPTY_BATCH: BatchState = { filling: [], encodable: new Set() }

/** A batch closes at this many times its size in signals, even if nearly all frames are unchanged: they wait in memory. */
const STILL_FACTOR = 4

/**
 * A batch closes when it holds `batchSize` images to encode, when it is too long, or when a camera's file has ended.
 *
 * @param batchSize images to encode per batch, at least 1; views that a frame has in addition still travel with it
 * @returns the next state and the batch that has just closed; null when none has
 */
export function fillBatch(
  { filling, encodable }: BatchState,
  signal: Signal<MarkedFrame>,
  batchSize: number,
): readonly [BatchState, readonly BatchItem[] | null] {
  const item = itemOf(signal, encodable)
  const items = [...filling, item]
  const next = encodableAfter(encodable, item)
  const isEnd = signal.kind === 'status' && signal.state === 'ended'
  const images = items.reduce((count, { encode, views }) => count + Number(encode) + views.length, 0)
  const isFull = images >= batchSize || items.length >= STILL_FACTOR * batchSize
  return isEnd || isFull ? [{ filling: [], encodable: next }, items] : [{ filling: items, encodable: next }, null]
}

/** A frame of this camera was lost: its unchanged frames and views must be encoded again. */
export function withoutScene(state: BatchState, camera: string): BatchState {
  return { ...state, encodable: without(state.encodable, camera) }
}

/** Camera names have no slash. */
export function viewKey(camera: string, view: string): string {
  return `${camera}/${view}`
}

function itemOf(signal: Signal<MarkedFrame>, encodable: ReadonlySet<string>): BatchItem {
  if (signal.kind === 'status') return { signal, encode: false, views: [] }
  const { camera, still } = signal
  const views = signal.views.filter(view => !(view.still && encodable.has(viewKey(camera, view.id))))
  return { signal, encode: !(still && encodable.has(camera)), views }
}

function encodableAfter(before: ReadonlySet<string>, { signal, encode, views }: BatchItem): ReadonlySet<string> {
  const { camera } = signal
  if (signal.kind === 'status') return signal.state !== 'online' ? without(before, camera) : before
  const added = [...(encode ? [camera] : []), ...views.map(({ id }) => viewKey(camera, id))]
  // A view that ended never comes back: its name is free.
  const current = new Set(signal.views.map(({ id }) => viewKey(camera, id)))
  const ended = [...before].filter(key => key.startsWith(viewKey(camera, '')) && !current.has(key))
  if (ended.length === 0 && added.every(key => before.has(key))) return before
  return new Set([...before, ...added].filter(key => !ended.includes(key)))
}

function without(keys: ReadonlySet<string>, camera: string): ReadonlySet<string> {
  const rest = [...keys].filter(key => key !== camera && !key.startsWith(viewKey(camera, '')))
  return rest.length === keys.size ? keys : new Set(rest)
}
