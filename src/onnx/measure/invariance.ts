/** Does a frame's embedding depend on the other frames of its batch? */

import { largestDifference } from './compare.ts'
import type { Meter } from './meter.ts'

/**
 * Runs each picture alone and in batches of every given size.
 * @returns the largest distance between the two, as a share of the embedding's norm: 0 when nothing depends on the batch
 */
export async function batchDifference(
  meter: Meter,
  variant: string,
  { pictures, batches }: { pictures: readonly Uint8Array[]; batches: readonly number[] },
): Promise<number> {
  const alone = await meter.embed(variant, pictures, 1)
  let largest = 0
  for (const batch of batches) {
    largest = Math.max(largest, largestDifference(alone, await meter.embed(variant, pictures, batch)))
  }
  return largest
}
