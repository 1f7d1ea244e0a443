/** What the words of an event are compared with and put into, when the config says nothing else. */

import type { Calibration } from '../types.ts'

/** Every phrase is read in each of these and averaged: one wording's accidents weigh less. The words of a fixed camera. */
export const DEFAULT_TEMPLATES: readonly string[] = [
  '{}',
  'a photo of {}',
  'a security camera image of {}',
  'cctv footage of {}',
]

/**
 * What a camera shows when nothing happens, or when it sees badly. In every event's contrast set.
 * The bundled model was trained with these questions: `training/events.py` has the same lists.
 */
export const DEFAULT_BACKGROUND: readonly string[] = [
  'an empty street',
  'an empty road',
  'an empty street at night',
  'an empty street in the rain',
  'a quiet street in fog',
  'a blurry image',
  'a black picture',
  'an empty room',
]

/**
 * The calibration of a variant that was never fitted on frames.
 *
 * Centre 0 is where the event's own phrase weighs as much as its whole contrast set together: a two-way softmax of 0.5.
 * Width 1 would be that softmax itself. It swings from 0.1 to 0.9 within 0.04 of cosine at OpenAI's scale of 100, which
 * was trained to tell a picture's text from 32,767 others and is too sure between few. Width scale / 50 lets the same
 * swing take 0.09 of cosine, close to what separates a picture's own text from the next best in the figures that OpenAI
 * published (0.08 at least; `test/clip/defaults.test.ts`).
 */
export function defaultCalibration(logitScale: number): Calibration {
  return { centre: 0, width: Math.max(1, logitScale / 50) }
}
