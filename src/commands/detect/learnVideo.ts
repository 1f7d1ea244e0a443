/** Reads a video once, for images of what it usually shows. */

import type { Encoder, Frame, Signal } from '../../types.ts'

/** More images say hardly more about the quiet level. */
const MOST_IMAGES = 1000
/** A shorter video may show the event from beginning to end, so it says nothing about what is usual. */
const SHORTEST_MS = 60_000

/**
 * The same video gives the same images. Of a long one, every 2nd, 4th, 8th … frame is encoded, so that at most
 * MOST_IMAGES are kept, evenly spread. A video of less than a minute gives none.
 * @param frames of one video
 * @returns [dim] float32 each, in order of time
 */
export async function learnVideo(
  frames: AsyncIterable<Signal<Frame>>,
  encoder: Encoder,
): Promise<readonly Float32Array[]> {
  const { images, durationMs } = await evenlySpread(frames, encoder)
  return durationMs < SHORTEST_MS ? [] : images
}

async function evenlySpread(
  frames: AsyncIterable<Signal<Frame>>,
  encoder: Encoder,
): Promise<{ readonly images: readonly Float32Array[]; readonly durationMs: number }> {
  let kept: Float32Array[] = []
  let batch: Uint8Array<ArrayBuffer>[] = []
  let step = 1
  let place = 0
  let durationMs = 0
  const encodeBatch = async () => {
    if (batch.length > 0) kept.push(...(await encoder.encode(batch)).embeddings)
    batch = []
    while (kept.length > MOST_IMAGES) {
      kept = kept.filter((_, i) => i % 2 === 0)
      step *= 2
    }
  }
  for await (const frame of frames) {
    if (frame.kind === 'status') continue
    durationMs = frame.capturedAt
    if (place++ % step === 0 && frame.problem === null) batch.push(frame.pixels)
    if (batch.length === encoder.maxBatch) await encodeBatch()
  }
  await encodeBatch()
  return { images: kept, durationMs }
}
