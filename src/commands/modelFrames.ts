/** What measuring a model needs besides the model: pictures, and the words of the events whose decisions count. */

import { join } from 'node:path'
import { embedEvents } from '../clip/embedEvents.ts'
import { readLibrary } from '../config/library.ts'
import { resolveEvents } from '../config/resolveEvents.ts'
import { readFrames } from '../sources/readFrames.ts'
import type { ScoringTexts } from '../types.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { WatchwordError } from '../util/errors.ts'
import { ownEvents } from './detect/ownEvents.ts'
import { phrasesOf } from './watchStateOf.ts'

export type ReadFrames = (video: string, options: { size: number; count: number }) => AsyncIterable<Uint8Array>

/** At most `count` pictures, spread over the video. @throws WatchwordError `no-frames` and those of reading a video */
export async function picturesOf(
  video: string,
  options: { readonly size: number; readonly count: number },
  read: ReadFrames = readFrames,
): Promise<Uint8Array[]> {
  const pictures: Uint8Array[] = []
  for await (const picture of read(video, options)) pictures.push(picture)
  if (pictures.length > 0) return pictures
  throw new WatchwordError(`Found no frames in ${video}`, { code: 'no-frames', hint: 'Choose a video that plays' })
}

/** Events of the library, or in own words, under the exact model. */
export async function textsOf(modelDir: string, events: readonly string[]): Promise<ScoringTexts> {
  const { names, library } = ownEvents(events, readLibrary())
  const phrases = phrasesOf(resolveEvents(names, library))
  const cacheDir = join(dataDirectory(), 'texts')
  return embedEvents({ modelDir, variant: 'fp32', events: phrases, cacheDir }, { emit: () => {} })
}
