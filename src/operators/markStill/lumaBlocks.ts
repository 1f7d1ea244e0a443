/** An image as a small grid of brightness for change detection. Averaging over a block removes sensor noise. */

/** Most blocks per side of the whole image. 28 gives blocks of 8x8 pixels in a 224-pixel image. */
const GRID = 28
/** Blocks of the detail image: so many pixels wide and high, but no more than MOST_BLOCKS of them per side. */
const DETAIL_BLOCK = 8
const MOST_BLOCKS = 128
/** From this height on only every second row is read: half the work, and still enough pixels per block to average noise out. */
const SKIPPING_HEIGHT = 168

/** Differences of -255 to 255 luma steps. */
const BINS = 511

export interface Grid {
  readonly columns: number
  readonly rows: number
}

interface Size {
  readonly width: number
  readonly height: number
}

/** The grid of the whole image. @param size its side, pixels */
export function wholeGrid(size: number): Grid {
  const blocks = Math.min(GRID, size)
  return { columns: blocks, rows: blocks }
}

/** A finer grid, for small objects. */
export function detailGrid({ width, height }: Size): Grid {
  const blocks = (pixels: number) => Math.max(1, Math.min(MOST_BLOCKS, Math.round(pixels / DETAIL_BLOCK)))
  return { columns: blocks(width), rows: blocks(height) }
}

/**
 * Mean luma per block, [rows * columns] float32 in [0, 255], row by row.
 * @param pixels [height, width, 3] uint8 RGB
 */
export function lumaBlocks(pixels: Uint8Array, { width, height }: Size, { columns, rows }: Grid): Float32Array {
  const edges = Array.from({ length: columns + 1 }, (_, block) => Math.ceil((block * width) / columns))
  const sums = new Float32Array(rows * columns)
  const read = new Float32Array(rows)
  // Where a block is one row high, no row may be left out.
  const step = height >= SKIPPING_HEIGHT && height >= 2 * rows ? 2 : 1
  for (let y = 0; y < height; y += step) {
    const row = Math.floor((y * rows) / height)
    read[row]! += 1
    let p = y * width * 3
    for (let column = 0; column < columns; column++) {
      const end = (y * width + edges[column + 1]!) * 3
      let sum = 0
      // (R + 2G + B) / 4 approximates luma with integers.
      for (; p < end; p += 3) sum += pixels[p]! + 2 * pixels[p + 1]! + pixels[p + 2]!
      const block = row * columns + column
      sums[block]! += sum
    }
  }
  return sums.map((sum, block) => {
    const column = block % columns
    const wide = edges[column + 1]! - edges[column]!
    return sum / (4 * wide * read[(block - column) / columns]!)
  })
}

/** Which blocks lie under masks (`hiddenBlocks`); null: none. */
export type Hidden = Uint8Array | null

/** Median of `b − a` in whole luma steps: how much the light changed. Robust while most of the visible image is static. */
export function lightChange(a: Float32Array, b: Float32Array, hidden: Hidden = null): number {
  const histogram = new Uint16Array(BINS)
  const visible = visibleCount(a, hidden)
  for (let i = 0; i < a.length; i++) {
    if (hidden?.[i]) continue
    const bin = Math.round(b[i]! - a[i]!) + 255
    histogram[bin]! += 1
  }
  let seen = 0
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram[bin]!
    if (seen * 2 >= visible) return bin - 255
  }
  return 0
}

/** Correlation of two images in [-1, 1]: high when only the light changed. 1 when either is uniform. */
export function likeness(a: Float32Array, b: Float32Array, hidden: Hidden = null): number {
  const [meanA, meanB] = [mean(a, hidden), mean(b, hidden)]
  let [both, alone, other] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    if (hidden?.[i]) continue
    const [x, y] = [a[i]! - meanA, b[i]! - meanB]
    both += x * y
    alone += x * x
    other += y * y
  }
  const scale = Math.sqrt(alone * other)
  return scale < visibleCount(a, hidden) ? 1 : both / scale
}

/** Number of blocks that are not hidden. */
export function visibleCount({ length }: Float32Array, hidden: Hidden): number {
  return hidden === null ? length : hidden.reduce((count, isHidden) => count - isHidden, length)
}

/** Hidden blocks are 0. */
function mean(values: Float32Array, hidden: Hidden): number {
  return (
    values.reduce((sum, value, i) => sum + (hidden?.[i] ? 0 : value), 0) / Math.max(1, visibleCount(values, hidden))
  )
}
