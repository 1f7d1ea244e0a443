/** Chooses the images that an event's quiet level is learned from. */

import type { Example } from '../scoringTypes.ts'
import type { Light } from '../types.ts'
import { float16ToFloat32 } from '../util/float16.ts'
import { dot } from '../util/vector.ts'
import type { BankEntry, Reservoir } from './reservoir.ts'

/** More images make the quiet level steadier and hold up the main thread longer. They are taken evenly over the bank. */
const MOST_IMAGES = 400
/** An entry with this cosine to an image that a person answered about shows the same. */
const SAME_COSINE = 0.995

/**
 * The images of one light in which the event was not seen. When they are less than half of them, all images: such an
 * event is usual for the camera, or its earlier scores were wrong. A person's answers count for more: images that show
 * the event are left out, and those that were taken for it by mistake are among the images.
 * @param examples answers about the event in this light
 * @returns at most MOST_IMAGES and the examples, [dim] float32 each, in order of time
 */
export function imagesFor(
  { entries }: Reservoir,
  { light, event }: { readonly light: Light; readonly event: string },
  examples: readonly Example[] = [],
): Float32Array[] {
  const inLight = entries.filter(entry => entry.light === light)
  const without = inLight.filter(({ events }) => !events.includes(event))
  const images = 2 * without.length >= inLight.length ? without : inLight
  const step = Math.max(1, images.length / MOST_IMAGES)
  const count = Math.min(MOST_IMAGES, images.length)
  const usual = Array.from({ length: count }, (_, i) => {
    const entry = images[Math.floor(i * step)] as BankEntry
    return { at: entry.at, embedding: vectorOf(entry) }
  })
  if (examples.length === 0) return usual.map(({ embedding }) => embedding)
  const right = examples.filter(({ yes }) => yes)
  const kept = usual.filter(({ embedding }) => !right.some(one => dot(one.embedding, embedding) >= SAME_COSINE))
  const wrong = examples.filter(({ yes }) => !yes)
  return [...kept, ...wrong].sort((a, b) => a.at - b.at).map(({ embedding }) => embedding)
}

function vectorOf({ vector }: BankEntry): Float32Array {
  return float16ToFloat32(vector)
}
