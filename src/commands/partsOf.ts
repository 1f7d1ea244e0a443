/** From a camera's config to the parts of its image that the source delivers, and those that it hides. */

import type { CameraConfig } from '../config/cameraSchema.ts'
import type { ImageParts } from '../sources/imageParts.ts'

/** `detail: auto`, times the model's input height: a crop then shows a third of the image's height, pixel by pixel. */
const AUTO_DETAIL = 3

/** @param size side of the model's input, pixels. Crops and the motion in zones need the detail. */
export function partsOf({ zones, masks, detail, crops }: CameraConfig, size: number): ImageParts {
  const named = Object.entries(zones).map(([name, polygon]) => ({ name, polygon }))
  const isUsed = detail !== 'off' && (crops > 0 || named.length > 0)
  const height = detail === 'auto' || detail === 'off' ? AUTO_DETAIL * size : detail
  return { masks, zones: named, detailHeight: isUsed ? height : null }
}
