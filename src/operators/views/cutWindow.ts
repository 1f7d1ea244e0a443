/** Copies a window out of the detail image. Nothing is resized. Pure. */

import type { Box, DetailImage } from '../../types.ts'

/** A window in whole pixels. */
export interface PixelWindow {
  readonly left: number
  readonly top: number
  /** The same in fractions of the image. */
  readonly box: Box
}

/** The window of `size` pixels that lies nearest to a box of that size. */
export function windowAt({ width, height }: DetailImage, { x, y }: Box, size: number): PixelWindow {
  const left = Math.max(0, Math.min(width - size, Math.round(x * width)))
  const top = Math.max(0, Math.min(height - size, Math.round(y * height)))
  return { left, top, box: { x: left / width, y: top / height, width: size / width, height: size / height } }
}

/** @returns [size, size, 3] uint8 RGB in a buffer of its own */
export function cutWindow(
  { width, pixels }: DetailImage,
  { left, top }: Pick<PixelWindow, 'left' | 'top'>,
  size: number,
): Uint8Array<ArrayBuffer> {
  const window = new Uint8Array(size * size * 3)
  for (let row = 0; row < size; row++) {
    const from = ((top + row) * width + left) * 3
    window.set(pixels.subarray(from, from + size * 3), row * size * 3)
  }
  return window
}
