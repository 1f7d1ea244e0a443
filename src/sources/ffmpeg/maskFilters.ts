/** ffmpeg's filters that black out a camera's privacy masks. */

import type { Box, Point } from '../../types.ts'
import { maskBoxes } from './maskBoxes.ts'

/** Fraction of the image: encoders and scalers carry colour a little beyond an edge. */
const MARGIN = 1 / 256
/** The same in pixels, for small images. */
const MARGIN_PIXELS = 2
/** A sample of colour belongs to up to 4x4 pixels (4:1:0): rectangles end where such a block does. */
const BLOCK = 4

/** Nothing for no masks. Positions are fractions of whatever size the image has. */
export function maskFilters(masks: readonly (readonly Point[])[]): string[] {
  return maskBoxes(masks).map(drawBox)
}

function drawBox({ x, y, width, height }: Box): string {
  const low = (size: string, at: number) =>
    `${BLOCK}*floor((${size}*${outward(at - MARGIN, Math.floor)}-${MARGIN_PIXELS})/${BLOCK})`
  const high = (size: string, at: number) =>
    `${BLOCK}*ceil((${size}*${outward(at + MARGIN, Math.ceil)}+${MARGIN_PIXELS})/${BLOCK})`
  return [
    `drawbox=x=${low('iw', x)}:y=${low('ih', y)}`,
    `w=${high('iw', x + width)}-x:h=${high('ih', y + height)}-y`,
    'color=black:t=fill',
  ].join(':')
}

/** Five digits: finer than a pixel of 8K. */
function outward(value: number, round: (value: number) => number): number {
  return round(Math.min(1, Math.max(0, value)) * 1e5) / 1e5
}
