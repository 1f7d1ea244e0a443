/** Chooses the images that an event's quiet level is learned from. */

import type { Light } from '../types.ts'
import { float16ToFloat32 } from '../util/float16.ts'
import type { BankEntry, Reservoir } from './reservoir.ts'

/**
 * The images of one light in which the event was not seen. When they are less than half of them, all images: such an
 * event is usual for the camera, or its earlier scores were wrong.
 * @returns [dim] float32 each, in order of time
 */
export function imagesFor({ entries }: Reservoir, light: Light, event: string): Float32Array[] {
  const inLight = entries.filter(entry => entry.light === light)
  const without = inLight.filter(({ events }) => !events.includes(event))
  return (2 * without.length >= inLight.length ? without : inLight).map(vectorOf)
}

function vectorOf({ vector }: BankEntry): Float32Array {
  return float16ToFloat32(vector)
}
