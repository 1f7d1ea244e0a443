/** Size of a video as people see it, from how it is stored. */

export interface StoredSize {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Width / height of a pixel; 0: the stream does not state it. Default 1. */
  readonly pixelAspectRatio?: number
  /** Degrees that a player turns the image by; only the quarter turns count. Default 0. */
  readonly rotation?: number
}

/** Rows stay and columns change, as in snapshots (`filterGraph.ts`). */
export function displayedSize({ width, height, pixelAspectRatio = 1, rotation = 0 }: StoredSize): {
  width: number
  height: number
} {
  const isTurned = Math.abs(Math.round(rotation / 90)) % 2 === 1
  const ratio = clip(pixelAspectRatio > 0 ? pixelAspectRatio : 1, 0.1, 10)
  const [columns, rows] = isTurned ? [height, width] : [width, height]
  // A pixel turns with the image.
  const aspect = clip((columns / Math.max(1, rows)) * (isTurned ? 1 / ratio : ratio), 0.02, 50)
  return { width: Math.round(rows * aspect), height: rows }
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
