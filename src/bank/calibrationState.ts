/** Names what decides an event's scores: the model's calibration or the camera's own images. */

import { learnedFraction, learnsFromImages } from '../scoring/eventScores.ts'
import { isCommon } from '../scoring/isCommon.ts'
import type { Calibration, CalibrationState, QuietFit } from '../scoringTypes.ts'

export function calibrationState(fit: QuietFit | null, calibration: Calibration): CalibrationState {
  if (!learnsFromImages(calibration)) return 'model'
  const learned = learnedFraction(fit, calibration)
  if (fit === null || learned === 0) return 'prior'
  if (learned < 1) return 'learning'
  return isCommon(fit, calibration) ? 'common' : 'learned'
}
