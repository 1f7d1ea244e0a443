/** The blocks of a grid whose centre lies in a box. */

import type { Box } from '../../types.ts'
import type { Grid } from '../markStill/lumaBlocks.ts'

/** @param box in fractions of the image; @returns their indices, row by row */
export function cellsIn({ x, y, width, height }: Box, { columns, rows }: Grid): number[] {
  const first = (from: number, count: number) => Math.max(0, Math.ceil(from * count - 0.5))
  const end = (to: number, count: number) => Math.min(count, Math.ceil(to * count - 0.5))
  const cells: number[] = []
  for (let row = first(y, rows); row < end(y + height, rows); row++)
    for (let column = first(x, columns); column < end(x + width, columns); column++) cells.push(row * columns + column)
  return cells
}
