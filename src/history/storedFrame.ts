/** Frames and statuses as the history keeps them: without images, and with the numbers of vectors instead of vectors. */

import type { Box, CameraStatus, ImageProblem, Light, ViewKind } from '../types.ts'

/** Embeddings of another model or variant are not comparable. */
export interface HistoryModel {
  /** sha256 of the image encoder. */
  readonly sha256: string
  readonly variant: string
  /** Length of an embedding. */
  readonly dim: number
}

/** In `vector`: a view that was followed but has no embedding. */
export const NO_VECTOR = -1
/** In `vector`, on the way to the disk: that of the same view before. */
export const SAME_VECTOR = -2

export interface StoredView {
  readonly id: string
  readonly kind: ViewKind
  readonly box: Box
  readonly subject: Box
  readonly zones: Readonly<Record<string, number>>
  readonly motion: number
  readonly settled: number
  readonly still: boolean
  readonly reused: boolean
  /** Number of its vector: on the way to the disk within the batch, on disk within the segment. */
  readonly vector: number
}

export interface StoredFrame {
  readonly kind: 'frame'
  readonly at: number
  readonly seq: number
  readonly size: number
  readonly problem: ImageProblem | null
  readonly light: Light
  /** The whole image first. */
  readonly views: readonly StoredView[]
}

export type StoredSignal = StoredFrame | CameraStatus
