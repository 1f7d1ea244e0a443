/** What the scores of a video are judged against: the video itself, another one, a camera's bank, or the model alone. */

import { bankFolder } from '../../bank/bankFolder.ts'
import { imagesFor } from '../../bank/imagesFor.ts'
import { LIGHTS, type Reservoir } from '../../bank/reservoir.ts'
import type { EncoderHandle } from '../../clip/startEncoder.ts'
import { NO_MEMORY, type QuietMemory } from '../../operators/score.ts'
import { learnsFromImages } from '../../scoring/eventScores.ts'
import { fitQuiet } from '../../scoring/fitQuiet.ts'
import { isCommon } from '../../scoring/isCommon.ts'
import type { EventText, QuietFit, ScoringTexts } from '../../scoringTypes.ts'
import type { Frame, Light, Signal } from '../../types.ts'
import { WatchwordError } from '../../util/errors.ts'
import { learnVideo } from './learnVideo.ts'

export interface MemoryOptions {
  /** `own`, `prior`, `camera:NAME`, or the path of a video. */
  readonly calibrate: string
  readonly video: string
  readonly dataDir: string
  readonly texts: ScoringTexts
  readonly encoder: Pick<EncoderHandle, 'encode' | 'maxBatch' | 'modelSha' | 'variant' | 'dim'>
  readonly open: (path: string) => AsyncIterable<Signal<Frame>>
  /** Called with a sentence for people. */
  readonly onStep: (sentence: string) => void
}

const CAMERA = /^camera:([a-z0-9][a-z0-9_-]*)$/i

/**
 * An event that the images show too often is judged by the model's calibration.
 * @throws WatchwordError `bank-missing`, and those of another video
 */
export async function openMemory(options: MemoryOptions): Promise<QuietMemory> {
  const { calibrate, video, texts, encoder, open, onStep } = options
  const camera = CAMERA.exec(calibrate)?.[1]
  if (calibrate === 'prior' || !learnsFromImages(texts.calibration)) return NO_MEMORY
  if (camera !== undefined) {
    const reservoir = await readReservoir(camera, options)
    return memoryOf((light, event) => imagesFor(reservoir, light, event.event), options)
  }
  onStep('Learning what the video usually shows')
  const images = await learnVideo(calibrate === 'own' ? untilError(open(video)) : open(calibrate), encoder)
  return memoryOf(() => images, options)
}

function memoryOf(
  imagesOf: (light: Light, event: EventText) => readonly Float32Array[],
  { texts, onStep }: MemoryOptions,
): QuietMemory {
  const common = new Set<string>()
  const fitOf = (light: Light, event: EventText): QuietFit | null => {
    const fit = fitQuiet(imagesOf(light, event), event, texts.logitScale)
    if (fit === null || !isCommon(fit, texts.calibration)) return fit
    common.add(event.event)
    return null
  }
  const fits = new Map(
    LIGHTS.map(light => [light, new Map(texts.events.map(event => [event.event, fitOf(light, event)]))]),
  )
  for (const event of common)
    onStep(`${event}: the images show it too often to learn what they look like without it; the model decides`)
  return {
    fits:
      ({ frame, world }) =>
      event =>
        // Crops and zones look different: what was learned from whole images says nothing about them.
        world === 'whole' ? (fits.get(frame.light)?.get(event) ?? null) : null,
    offer: () => {},
  }
}

async function readReservoir(camera: string, { dataDir, encoder, onStep }: MemoryOptions): Promise<Reservoir> {
  const { modelSha: sha256, variant, dim } = encoder
  const bank = await bankFolder(dataDir).read(camera, { sha256, variant, dim }, ({ path, reason }) =>
    onStep(`Cannot use ${path}: ${reason}`),
  )
  if (bank === null)
    throw new WatchwordError(`There is no bank of the camera ${camera} for this model and variant in ${dataDir}`, {
      code: 'bank-missing',
      hint: '`watchword bank` lists the banks; a camera gets one when `watchword run` watches it with the same model',
    })
  return bank.reservoir
}

/** Ends at an error: a damaged video is reported when its events are looked for. */
async function* untilError<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    if (!(error instanceof WatchwordError)) throw error
  }
}
