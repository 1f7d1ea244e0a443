/** Chooses the images that an event's quiet level is learned from. */

import type { Light } from '../types.ts'
import { float16ToFloat32 } from '../util/float16.ts'
import type { BankEntry, Reservoir } from './reservoir.ts'

/** More images make the quiet level steadier and hold up the main thread longer. They are taken evenly over the bank. */
const MOST_IMAGES = 400

/**
 * The images of one light in which the event was not seen. When they are less than half of them, all images: such an
 * event is usual for the camera, or its earlier scores were wrong.
 * @returns at most MOST_IMAGES, [dim] float32 each, in order of time
 */
export function imagesFor({ entries }: Reservoir, light: Light, event: string): Float32Array[] {
  const inLight = entries.filter(entry => entry.light === light)
  const without = inLight.filter(({ events }) => !events.includes(event))
  const images = 2 * without.length >= inLight.length ? without : inLight
  const step = Math.max(1, images.length / MOST_IMAGES)
  const count = Math.min(MOST_IMAGES, images.length)
  return Array.from({ length: count }, (_, i) => vectorOf(images[Math.floor(i * step)] as BankEntry))
}

function vectorOf({ vector }: BankEntry): Float32Array {
  return float16ToFloat32(vector)
}
