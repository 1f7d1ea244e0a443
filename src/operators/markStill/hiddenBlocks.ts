/** Which blocks of a grid lie under masks: they are black in every frame, so they say nothing about the light. Pure. */

import type { Point } from '../../types.ts'
import { isInside } from '../../util/polygon.ts'
import type { Grid } from './lumaBlocks.ts'

/** @returns [rows * columns] 1 where the centre of a block lies under a mask; null without masks */
export function hiddenBlocks(masks: readonly (readonly Point[])[], { columns, rows }: Grid): Uint8Array | null {
  if (masks.length === 0) return null
  return Uint8Array.from({ length: rows * columns }, (_, i) => {
    const centre = [((i % columns) + 0.5) / columns, (Math.floor(i / columns) + 0.5) / rows] as const
    return Number(masks.some(mask => isInside(mask, centre)))
  })
}
