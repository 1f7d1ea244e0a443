/** Which parts of a camera's image its source delivers, from the camera's config. */

import type { CameraConfig } from '../config/cameraSchema.ts'
import { LEAST_ZOOM } from '../operators/views/viewOptions.ts'
import type { ImageParts } from '../sources/imageParts.ts'

/** `detail: auto`, times the model's input height: a crop then shows a third of the image's height, pixel by pixel. */
const AUTO_DETAIL = 3

/** @param size side of the model's square input, pixels */
export function imagePartsOf(
  { zones, masks, detail, crops }: Pick<CameraConfig, 'zones' | 'masks' | 'detail' | 'crops'>,
  size: number,
): ImageParts {
  const named = Object.entries(zones).map(([name, polygon]) => ({ name, polygon }))
  const isUsed = detail !== 'off' && (crops > 0 || named.length > 0)
  const height = detail === 'auto' || detail === 'off' ? AUTO_DETAIL * size : detail
  // Motion in zones is measured in the detail, however small.
  const leastDetailHeight = named.length > 0 ? 0 : LEAST_ZOOM * size
  return { masks, zones: named, detailHeight: isUsed ? height : null, leastDetailHeight }
}
