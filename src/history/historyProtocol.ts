/** The messages between a history writer and its thread. */

import type { HistoryModel, StoredSignal } from './storedFrame.ts'

export interface HistoryTask {
  readonly dataDir: string
  readonly model: HistoryModel
  /** Older segments are removed, once the clock can be trusted. */
  readonly maxAgeMs: number
  /** Of all cameras and models together; above it the oldest segments are removed. */
  readonly maxBytes: number
}

/** What was seen of one camera, in order. */
export interface HistoryBatch {
  readonly camera: string
  readonly signals: readonly StoredSignal[]
  /** [count, dim] float32: `vector` of a view counts in it. */
  readonly vectors: Float32Array<ArrayBuffer>
  readonly pictures: readonly Picture[]
}

/** A view that is kept as a small JPEG. */
export interface Picture {
  readonly at: number
  readonly view: string
  readonly image: PictureImage
}

/** `size`: [size, size, 3] uint8 RGB, to be shown with this width over height. */
export type PictureImage = { readonly jpeg: Uint8Array } | { readonly pixels: Uint8Array; readonly size: number }

export type ToHistory = { readonly type: 'write'; readonly batch: HistoryBatch } | { readonly type: 'close' }

export type FromHistory =
  | {
      readonly type: 'written'
      readonly vectors: number
      readonly thumbnails: number
      /** Vectors of a view that refers to one that was lost, as none. */
      readonly error: string | null
      /** What failed after the frames were written. */
      readonly problem: string | null
    }
  | { readonly type: 'measured'; readonly bytes: number }
  | { readonly type: 'problem'; readonly problem: string }
  | { readonly type: 'closed' }
