/** Default prompt templates and background phrases. */

/** Every phrase is put into each template and the embeddings are averaged, which makes the wording matter less. */
export const DEFAULT_TEMPLATES: readonly string[] = [
  '{}',
  'a photo of {}',
  'a security camera image of {}',
  'cctv footage of {}',
]

/**
 * Contrast phrases of every event: scenes without events, and bad visibility.
 * The bundled model was trained with them: `training/events.py` has the same lists.
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
