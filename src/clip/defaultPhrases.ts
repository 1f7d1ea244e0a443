/** What the words of an event are compared with and put into, when the config says nothing else. */

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
