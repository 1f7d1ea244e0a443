/** What the encoder saw, kept on disk. The pipeline writes it; commands read it, also from another process while it is written. */

import type { EncodedFrame, Signal } from '../types.ts'

export interface HistoryWriter {
  /** Takes what the encoder made of a frame, or a camera's status. Never waits, never throws; what it must skip is counted. */
  take(signal: Signal<EncodedFrame>): void
  /**
   * Something may begin on this camera: its frames of the last and the next seconds keep their own vectors, near copies too,
   * so that a replay comes to the same scores. Call it with every such frame.
   */
  keepExact(camera: string): void
  /** Everything taken is on disk, or counted as skipped. Ends in bounded time whatever the disk does. */
  close(): Promise<void>
}

/** Times are capture times in ms since the epoch; `to` is not included. */
export interface HistoryRange {
  readonly camera: string
  readonly from: number
  readonly to: number
}

/** One camera's history under one model and variant. */
export interface CameraHistory {
  readonly camera: string
  readonly from: number
  readonly to: number
  readonly frames: number
  /** Stored vectors; near copies have none of their own. */
  readonly vectors: number
  /** On disk, thumbnails included. */
  readonly bytes: number
}

export interface HistoryQuery {
  /** The margin is `direction · embedding`: a phrase, or a phrase minus its contrasts. [dim] float32 */
  readonly direction: Float32Array
  /** Default: all. */
  readonly cameras?: readonly string[]
  readonly from?: number
  readonly to?: number
  /** Number of hits: the best ones of stored vectors, before near moments are merged. */
  readonly limit: number
}

export interface HistoryHit {
  readonly camera: string
  /** Capture time of the frame that the vector was stored with, and of the last near copy. */
  readonly at: number
  readonly until: number
  /** View id, kind and subject as in `View`. */
  readonly view: string
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** `direction · embedding` */
  readonly value: number
}

export interface HistoryReader {
  /** Cameras with history under this model and variant. */
  cameras(): Promise<readonly CameraHistory[]>
  /**
   * Frames and statuses in order of time, as `decide` takes them. They have no pixels and no JPEG. A near copy shares the
   * Float32Array of the frame that it copies. A gap in which nothing was stored shows as a gap in time.
   */
  read(range: HistoryRange): AsyncIterable<Signal<EncodedFrame>>
  /** Exact, off the main thread; best first. */
  search(query: HistoryQuery): Promise<readonly HistoryHit[]>
  /** JPEG of a view (`whole`, `crop-3`, …) at or shortly before this time; null when none was stored. */
  thumbnail(camera: string, at: number, view: string): Promise<Uint8Array | null>
  close(): Promise<void>
}
