/** Names what decides an event's scores: the model's calibration or the camera's own images. */

import { DEFAULT_IMAGES, learnedFraction } from '../scoring/eventScores.ts'
import type { Calibration, CalibrationState, QuietFit } from '../types.ts'
import { CAPACITY } from './reservoir.ts'

/** With the event in so many of a camera's images, it cannot be distinguished from the camera's usual images. */
const COMMON_FRACTION = 0.5
/** A calibration that even a full bank would replace only to this fraction was fitted on images of the same kind. */
const LEAST_FRACTION = 0.1

export function calibrationState(fit: QuietFit | null, calibration: Calibration): CalibrationState {
  if (keepsCalibration(calibration)) return 'model'
  const learned = learnedFraction(fit, calibration)
  if (fit === null || learned === 0) return 'prior'
  if (learned < 1) return 'learning'
  return isCommon(fit, calibration) ? 'common' : 'learned'
}

/** Whether the model's own calibration decides for ever, so that nothing needs to be learned. */
export function keepsCalibration({ images = DEFAULT_IMAGES }: Calibration): boolean {
  return CAPACITY < LEAST_FRACTION * images
}

/** Half of the images show the event, or the usual image already looks like it to the model. */
function isCommon({ eventFraction, usualMargin }: QuietFit, { centre }: Calibration): boolean {
  return eventFraction >= COMMON_FRACTION || (usualMargin !== null && usualMargin >= centre)
}
