/** Two events in two dimensions, whose scores can be computed by hand. */

import type { EventText, ScoringTexts } from '../../src/scoringTypes.ts'

export const car: EventText = {
  event: 'car',
  positive: Float32Array.of(1, 0),
  contrast: [Float32Array.of(0, 1), Float32Array.of(0.6, 0.8)],
  levels: null,
}
export const crowd: EventText = {
  event: 'crowd',
  positive: Float32Array.of(0, 1),
  contrast: [],
  levels: [Float32Array.of(1, 0), Float32Array.of(0.6, 0.8), Float32Array.of(0, 1)],
}
export const texts: ScoringTexts = {
  variant: 'fake',
  logitScale: 10,
  calibration: { centre: 1, width: 2 },
  events: [car, crowd],
}
