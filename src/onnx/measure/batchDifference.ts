/** Does a frame's embedding depend on the other frames of its batch? */

import { largestDifference } from './compareEmbeddings.ts'
import type { SessionRunner } from './sessionRunner.ts'

/**
 * Runs each picture alone and in batches of every given size.
 * @returns the largest distance between the two, as a fraction of the embedding's norm; 0 when nothing depends on the batch
 */
export async function batchDifference(
  runner: Pick<SessionRunner, 'embed'>,
  variant: string,
  { pictures, batches }: { pictures: readonly Uint8Array[]; batches: readonly number[] },
): Promise<number> {
  const alone = await runner.embed(variant, pictures, 1)
  let largest = 0
  for (const batch of batches) {
    largest = Math.max(largest, largestDifference(alone, await runner.embed(variant, pictures, batch)))
  }
  return largest
}
