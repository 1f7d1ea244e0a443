/** Reads a video once and learns what each event's margin is without the event. */

import type { QuietMemory } from '../../operators/score.ts'
import { learnsFromImages } from '../../scoring/eventScores.ts'
import { fitQuiet } from '../../scoring/fitQuiet.ts'
import type { Encoder, Frame, QuietFit, ScoringTexts, Signal } from '../../types.ts'
import { WatchwordError } from '../../util/errors.ts'

/** More images say hardly more about the quiet level. */
const MOST_IMAGES = 1000
/** A shorter video may show the event from beginning to end, so it says nothing about what is usual. */
const SHORTEST_MS = 60_000

export interface LearnOptions {
  readonly encoder: Encoder
  readonly texts: ScoringTexts
  readonly onStart: () => void
  /** Called with each event that the video shows too often to learn about it. */
  readonly onCommon: (event: string) => void
}

/**
 * The same video gives the same result. Of a long one, every 2nd, 4th, 8th … frame is encoded, so that at most
 * MOST_IMAGES are kept, evenly spread. An event that more than half of the video shows, or that the model recognises in
 * most of it, is judged by the model's calibration; so are all events of a video of less than a minute.
 * @param frames of one video; what was read before an error counts
 */
export async function learnVideo(
  frames: AsyncIterable<Signal<Frame>>,
  { encoder, texts, onStart, onCommon }: LearnOptions,
): Promise<QuietMemory> {
  const fits = new Map<string, QuietFit>()
  if (learnsFromImages(texts.calibration)) {
    onStart()
    const { images, durationMs } = await evenlySpread(frames, encoder)
    for (const event of durationMs < SHORTEST_MS ? [] : texts.events) {
      const fit = fitQuiet(images, event, texts.logitScale)
      if (fit === null) continue
      if (isCommon(fit, texts)) onCommon(event.event)
      else fits.set(event.event, fit)
    }
  }
  return { fits: () => event => fits.get(event) ?? null, offer: () => {} }
}

function isCommon({ eventFraction, usualMargin }: QuietFit, { calibration }: ScoringTexts): boolean {
  return eventFraction >= 0.5 || (usualMargin !== null && usualMargin >= calibration.centre)
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
  for await (const frame of untilError(frames)) {
    if (frame.kind === 'status') continue
    durationMs = frame.capturedAt
    if (place++ % step === 0 && frame.problem === null) batch.push(frame.pixels)
    if (batch.length === encoder.maxBatch) await encodeBatch()
  }
  await encodeBatch()
  return { images: kept, durationMs }
}

/** Ends at an error: a damaged video is reported when its events are looked for. */
async function* untilError<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    if (!(error instanceof WatchwordError)) throw error
  }
}
