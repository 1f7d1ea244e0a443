/** Decides whether a camera shows an event so often that it cannot be distinguished from the camera's usual images. */

import type { Calibration, QuietFit } from '../scoringTypes.ts'

const COMMON_FRACTION = 0.5

/** Half of the images show the event, or the usual image already looks like it to the model. */
export function isCommon({ eventFraction, usualMargin }: QuietFit, { centre }: Calibration): boolean {
  return eventFraction >= COMMON_FRACTION || (usualMargin !== null && usualMargin >= centre)
}
