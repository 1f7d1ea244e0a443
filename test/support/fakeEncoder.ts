/** An encoder without a model, for tests on virtual time. */

import { asyncScheduler } from 'rxjs'
import type { EncodedBatch, Encoder } from '../../src/types.ts'

export interface FakeEncoder extends Encoder {
  /** Sizes of the batches it received. */
  readonly batches: number[]
  /** The most batches that were in flight at once. */
  readonly mostAtOnce: () => number
}

/**
 * An encoder on virtual time: after `takesMs(batch number)` it returns the vectors [image number, batch number].
 * Its promise settles on the scheduler of RxJS, which the TestScheduler controls; a real promise would not.
 */
export function fakeEncoder({
  maxBatch = 8,
  takesMs = () => 40,
  fails = () => false,
  emptyAnswer = false,
  embed,
}: {
  maxBatch?: number
  takesMs?: (batch: number) => number
  fails?: (batch: number, at: number) => boolean
  emptyAnswer?: boolean
  /** The embedding of an image, instead of its number. */
  embed?: (pixels: Uint8Array) => readonly number[]
} = {}): FakeEncoder {
  const batches: number[] = []
  let images = 0
  let open = 0
  let most = 0
  return {
    maxBatch,
    batches,
    mostAtOnce: () => most,
    encode(batchPixels) {
      const batch = batches.push(batchPixels.length) - 1
      most = Math.max(most, ++open)
      const embeddings = batchPixels.map(pixels => Float32Array.from(embed?.(pixels) ?? [images++, batch]))
      const answer: EncodedBatch = {
        variant: 'fake',
        embeddings: emptyAnswer ? [] : embeddings,
        seconds: takesMs(batch) / 1000,
      }
      const virtual = {
        // biome-ignore lint/suspicious/noThenProperty: a promise that keeps virtual time must have one
        then(done: (answer: EncodedBatch) => void, failed: (error: Error) => void) {
          asyncScheduler.schedule(() => {
            open -= 1
            if (fails(batch, asyncScheduler.now())) failed(new Error('the worker died'))
            else done(answer)
          }, takesMs(batch))
        },
      }
      return virtual as unknown as Promise<EncodedBatch>
    },
  }
}
