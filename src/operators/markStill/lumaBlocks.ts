/** An image as a small grid of brightness for change detection. Averaging over a block removes sensor noise. */

/** Most blocks per side. 28 gives blocks of 8x8 pixels in a 224-pixel image. */
const GRID = 28
/** From this size on only every second row is read: half the work, and still enough pixels per block to average noise out. */
const SKIPPING_SIZE = 168

/** Differences of -255 to 255 luma steps. */
const BINS = 511

/**
 * Mean luma per block, [grid * grid] float32 in [0, 255], row by row.
 * @param pixels [size, size, 3] uint8 RGB
 */
export function lumaBlocks(pixels: Uint8Array, size: number): Float32Array {
  const grid = Math.min(GRID, size)
  const edges = Array.from({ length: grid + 1 }, (_, block) => Math.ceil((block * size) / grid))
  const sums = new Float32Array(grid * grid)
  const rows = new Float32Array(grid)
  const step = size >= SKIPPING_SIZE ? 2 : 1
  for (let y = 0; y < size; y += step) {
    const row = Math.floor((y * grid) / size)
    rows[row]! += 1
    let p = y * size * 3
    for (let column = 0; column < grid; column++) {
      const end = (y * size + edges[column + 1]!) * 3
      let sum = 0
      // (R + 2G + B) / 4 approximates luma with integers.
      for (; p < end; p += 3) sum += pixels[p]! + 2 * pixels[p + 1]! + pixels[p + 2]!
      const block = row * grid + column
      sums[block]! += sum
    }
  }
  return sums.map((sum, block) => {
    const column = block % grid
    const width = edges[column + 1]! - edges[column]!
    return sum / (4 * width * rows[(block - column) / grid]!)
  })
}

/** Median of `b − a` in whole luma steps: how much the light changed. Robust while most of the image is static. */
export function lightChange(a: Float32Array, b: Float32Array): number {
  const histogram = new Uint16Array(BINS)
  for (let i = 0; i < a.length; i++) {
    const bin = Math.round(b[i]! - a[i]!) + 255
    histogram[bin]! += 1
  }
  let seen = 0
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram[bin]!
    if (seen * 2 >= a.length) return bin - 255
  }
  return 0
}

/** Correlation of two images in [-1, 1]: high when only the light changed. 1 when either is uniform. */
export function likeness(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, alone, other] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB]
    both += x * y
    alone += x * x
    other += y * y
  }
  const scale = Math.sqrt(alone * other)
  return scale < a.length ? 1 : both / scale
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
