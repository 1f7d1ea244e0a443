/** The text vectors of a config whose events are not scored. */

import type { ScoringTexts } from '../../src/scoringTypes.ts'

export const NO_TEXTS: ScoringTexts = {
  variant: 'int8',
  logitScale: 100,
  calibration: { centre: 0, width: 1 },
  events: [],
}
