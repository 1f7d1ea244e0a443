/** Which parts of a camera's image a source delivers beside the whole, and which it hides. */

import type { Point, Zone } from '../types.ts'

export interface ImageParts {
  /** Polygons that are black in everything the source emits. */
  readonly masks: readonly (readonly Point[])[]
  /**
   * Height of `Frame.detail` in pixels, or its width where the image is upright: no more than the source has. The longer
   * side follows from the image's shape, up to four times as long: wider images are squeezed. null: none.
   */
  readonly detailHeight: number | null
  /** A source whose shorter side has fewer pixels delivers no detail: it would show hardly more than the whole. 0: all do. */
  readonly leastDetailHeight: number
  /** Those of which each frame has an image. */
  readonly zones: readonly Zone[]
}

/** The whole image alone, unmasked, where the options do not say otherwise. */
export function imageParts(parts: Partial<ImageParts>): ImageParts {
  const { masks = [], detailHeight = null, leastDetailHeight = 0, zones = [] } = parts
  return { masks, detailHeight, leastDetailHeight, zones }
}
