/** Which parts of a camera's image are encoded, and which events count where. */

import type { Point, Zone } from '../../types.ts'

/** What is encoded beside the whole image. */
export interface ViewOptions {
  /** Most crops a frame; 0: none. */
  readonly crops: number
  readonly zones: readonly Zone[]
  /** Polygons that are black in every image of the camera. Default: none. */
  readonly masks?: readonly (readonly Point[])[]
  /** Also encodes now and then a window in which nothing happens, so that a bank learns what crops show. Default false. */
  readonly samples?: boolean
}

export interface EventArea {
  /** Names of the camera's zones, at least one. */
  readonly zones: readonly string[]
  /** A crop counts when at least this fraction of its subject lies inside one of the zones: (0, 1]. */
  readonly overlap: number
}

/** Where the image is not so many times as high and wide as the model's input, a window shows hardly more than the whole image. */
export const LEAST_ZOOM = 2
