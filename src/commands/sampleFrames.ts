/** Reads the video frames and encodes the event texts on which a model is measured. */

import { join } from 'node:path'
import { embedPhrases } from '../clip/embedPhrases.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { resolveEvents } from '../config/resolveEvents.ts'
import type { ScoringTexts } from '../scoringTypes.ts'
import { readFrames } from '../sources/readFrames.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { WatchwordError } from '../util/errors.ts'
import { ownEvents } from './detect/ownEvents.ts'
import { phrasesOf } from './watchStateOf.ts'

export type ReadFrames = (video: string, options: { size: number; count: number }) => AsyncIterable<Uint8Array>

/** Reads at most `count` frames, spread over the video. @throws WatchwordError `no-frames` and those of reading a video */
export async function sampleFrames(
  video: string,
  options: { readonly size: number; readonly count: number },
  read: ReadFrames = readFrames,
): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  for await (const frame of read(video, options)) frames.push(frame)
  if (frames.length > 0) return frames
  throw new WatchwordError(`Found no frames in ${video}`, { code: 'no-frames', hint: 'Choose a video that plays' })
}

/** Encodes events of the prompt library, or own phrases, with the fp32 model. */
export async function textsOf(modelDir: string, events: readonly string[]): Promise<ScoringTexts> {
  const { names, library } = ownEvents(events, readLibrary())
  const phrases = phrasesOf(resolveEvents(names, library))
  const cacheDir = join(dataDirectory(), 'texts')
  return embedPhrases({ modelDir, variant: 'fp32', events: phrases, cacheDir }, { emit: () => {} })
}
