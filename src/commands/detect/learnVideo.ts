/** Reads a video once, for images of what it usually shows: whole images, crops and zones apart. */

import type { ViewOptions } from '../../operators/views/viewOptions.ts'
import { type ViewState, viewStep } from '../../operators/views/viewStep.ts'
import { worldOf } from '../../operators/views/worldOf.ts'
import type { Encoder, Frame, PartialView, Signal } from '../../types.ts'

/** More images of one kind say hardly more about the quiet level. */
const MOST_IMAGES = 1000
/** A shorter video may show the event from beginning to end, so it says nothing about what is usual. */
const SHORTEST_MS = 60_000
/** Change detection chooses the crops as for a camera with the default `motion`. */
const MOTION = { threshold: 0.004, refreshMs: 10_000 }

/** `whole`, `crop` or `zone-NAME` → [dim] float32 each, in order of time. */
export type LearnedImages = ReadonlyMap<string, readonly Float32Array[]>

/**
 * The same video gives the same images. Of a long one, every 2nd, 4th, 8th … frame is encoded, so that at most
 * MOST_IMAGES of a kind are kept, evenly spread. A video of less than a minute gives none.
 * @param frames of one video
 */
export async function learnVideo(
  frames: AsyncIterable<Signal<Frame>>,
  encoder: Encoder,
  views: ViewOptions,
): Promise<LearnedImages> {
  const worlds = new Map<string, SpreadImages>()
  const imagesOf = (world: string): SpreadImages => {
    const images = worlds.get(world) ?? new SpreadImages()
    worlds.set(world, images)
    return images
  }
  let batch: Picture[] = []
  let viewState: ViewState | null = null
  let durationMs = 0
  const encodeBatch = async () => {
    if (batch.length === 0) return
    const { embeddings } = await encoder.encode(batch.map(({ pixels }) => pixels))
    for (const [i, { world }] of batch.entries()) imagesOf(world).kept.push(embeddings[i] as Float32Array)
    // Not in between: all of the batch were chosen with the same steps.
    for (const images of worlds.values()) images.thinOut()
    batch = []
  }
  for await (const frame of frames) {
    if (frame.kind === 'status') continue
    durationMs = frame.capturedAt
    const [next, seen] = viewStep(viewState, frame, { ...MOTION, ...views, samples: true })
    viewState = next
    if (frame.problem !== null) continue
    for (const picture of picturesOf(frame, seen))
      if (imagesOf(picture.world).isDue() && batch.push(picture) === encoder.maxBatch) await encodeBatch()
  }
  await encodeBatch()
  return durationMs < SHORTEST_MS ? new Map() : new Map([...worlds].map(([world, { kept }]) => [world, kept]))
}

interface Picture {
  readonly world: string
  readonly pixels: Uint8Array<ArrayBuffer>
}

function picturesOf(frame: Frame, views: readonly PartialView[]): Picture[] {
  const changed = views.filter(({ still }) => !still)
  return [
    { world: 'whole', pixels: frame.pixels },
    ...changed.map(view => ({ world: worldOf(view), pixels: view.pixels })),
  ]
}

/** Keeps at most MOST_IMAGES, evenly spread over those that came. */
class SpreadImages {
  kept: Float32Array[] = []
  /** Every so many images is kept. */
  #step = 1
  #place = 0

  /** Whether the next image is to be encoded and kept. */
  isDue(): boolean {
    return this.#place++ % this.#step === 0
  }

  thinOut(): void {
    while (this.kept.length > MOST_IMAGES) {
      this.kept = this.kept.filter((_, i) => i % 2 === 0)
      this.#step *= 2
    }
  }
}
