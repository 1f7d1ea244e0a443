/** What the scores of a video are judged against: the video itself, another one, a camera's bank, or the model alone. */

import { answerBook } from '../../answers/answerBook.ts'
import { openAnswers } from '../../answers/openAnswers.ts'
import { imagesFor } from '../../bank/imagesFor.ts'
import { answersOf, type LearnedEvent } from '../../bank/learnEvent.ts'
import { EMPTY_RESERVOIR, LIGHTS, type Reservoir } from '../../bank/reservoir.ts'
import type { EncoderHandle } from '../../clip/startEncoder.ts'
import { NO_MEMORY, type QuietMemory } from '../../operators/score.ts'
import { zoneViewId } from '../../operators/views/countsFor.ts'
import type { ViewOptions } from '../../operators/views/viewOptions.ts'
import { learnsFromImages } from '../../scoring/eventScores.ts'
import { fitQuiet } from '../../scoring/fitQuiet.ts'
import { isCommon } from '../../scoring/isCommon.ts'
import type { EventText, Example, ScoringTexts } from '../../scoringTypes.ts'
import type { Frame, Light, Signal } from '../../types.ts'
import { WatchwordError } from '../../util/errors.ts'
import { fittedMemory } from '../past/fittedMemory.ts'
import { readBanks } from '../past/readBanks.ts'
import { learnVideo } from './learnVideo.ts'

export interface MemoryOptions {
  /** `own`, `prior`, `camera:NAME`, or the path of a video. */
  readonly calibrate: string
  readonly video: string
  readonly dataDir: string
  readonly texts: ScoringTexts
  readonly encoder: Pick<EncoderHandle, 'encode' | 'maxBatch' | 'modelSha' | 'variant' | 'dim'>
  readonly open: (path: string) => AsyncIterable<Signal<Frame>>
  /** What is encoded beside the whole image. */
  readonly views: ViewOptions
  /** Called with a sentence for people. */
  readonly onStep: (sentence: string) => void
}

const CAMERA = /^camera:([a-z0-9][a-z0-9_-]*)$/i

/**
 * An event that the images show too often is judged by the model's calibration.
 * @throws WatchwordError `bank-missing`, and those of another video
 */
export async function openMemory(options: MemoryOptions): Promise<QuietMemory> {
  const { calibrate, video, dataDir, texts, encoder, open, views, onStep } = options
  const camera = CAMERA.exec(calibrate)?.[1]
  if (calibrate === 'prior' || !learnsFromImages(texts.calibration)) return NO_MEMORY
  const worlds = ['whole', 'crop', ...views.zones.map(({ name }) => zoneViewId(name))]
  if (camera !== undefined) {
    const banks = await banksOf(camera, worlds, options)
    const { modelSha: sha256, variant, dim } = encoder
    const book = answerBook((await openAnswers(dataDir).read()).answers, { sha256, variant, dim })
    return memoryOf(
      (world, light, { event }) => {
        const examples = book({ camera, world, light, event })
        return { examples, images: imagesFor(banks.get(world) ?? EMPTY_RESERVOIR, { light, event }, examples) }
      },
      worlds,
      options,
    )
  }
  onStep('Learning what the video usually shows')
  const images = await learnVideo(calibrate === 'own' ? untilError(open(video)) : open(calibrate), encoder, views)
  return memoryOf(world => ({ images: images.get(world) ?? [], examples: [] }), worlds, options)
}

/** What a place shows without the event, and the answers about it there. */
interface Shown {
  readonly images: readonly Float32Array[]
  readonly examples: readonly Example[]
}

type ShownAt = (world: string, light: Light, event: EventText) => Shown

/** Everything is fitted here, so that `onStep` says before the first event which events the model decides. */
function memoryOf(shownAt: ShownAt, worlds: readonly string[], { texts, onStep }: MemoryOptions): QuietMemory {
  const common = new Set<string>()
  const learned = new Map<string, LearnedEvent>()
  const keyOf = (world: string, light: Light, { event }: EventText) => `${world}/${light}/${event}`
  for (const world of worlds)
    for (const light of LIGHTS)
      for (const event of texts.events) {
        const { images, examples } = shownAt(world, light, event)
        const fit = fitQuiet(images, event, texts.logitScale)
        const isUsual = fit !== null && isCommon(fit, texts.calibration)
        const used = isUsual ? null : fit
        const answers = answersOf(used, images, examples, { event, texts })
        learned.set(keyOf(world, light, event), { fit: used, answers })
        // Crops show what moves: that one event is usual there is nothing to report.
        if (isUsual && world === 'whole') common.add(event.event)
      }
  for (const event of common)
    onStep(`${event}: the images show it too often to learn what they look like without it; the model decides`)
  return fittedMemory((...place) => learned.get(keyOf(...place)) ?? { fit: null, answers: null }, texts)
}

/** World → the camera's bank. Only that of whole images must exist. */
async function banksOf(
  camera: string,
  worlds: readonly string[],
  { dataDir, encoder, onStep }: MemoryOptions,
): Promise<ReadonlyMap<string, Reservoir>> {
  const { modelSha: sha256, variant, dim } = encoder
  const banks = await readBanks(camera, worlds, { dataDir, model: { sha256, variant, dim }, onStep })
  if (banks.has('whole')) return banks
  throw new WatchwordError(`There is no bank of the camera ${camera} for this model and variant in ${dataDir}`, {
    code: 'bank-missing',
    hint: '`watchword bank` lists the banks; a camera gets one when `watchword run` watches it with the same model',
  })
}

/** Ends at an error: a damaged video is reported when its events are looked for. */
async function* untilError<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    if (!(error instanceof WatchwordError)) throw error
  }
}
