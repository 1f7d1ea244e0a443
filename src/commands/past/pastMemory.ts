/** What scores over the past are compared with: the camera's banks as they are now, or else its own stored frames. */

import { answerBook } from '../../answers/answerBook.ts'
import { openAnswers } from '../../answers/openAnswers.ts'
import { imagesFor } from '../../bank/imagesFor.ts'
import { learnEvent } from '../../bank/learnEvent.ts'
import { EMPTY_RESERVOIR, type Reservoir } from '../../bank/reservoir.ts'
import type { CameraHistory, HistoryReader } from '../../history/history.ts'
import type { QuietMemory } from '../../operators/score.ts'
import { zoneViewId } from '../../operators/views/countsFor.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import { learnsFromImages } from '../../scoring/eventScores.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { fittedMemory } from './fittedMemory.ts'
import { learnHistory } from './learnHistory.ts'
import { type BankPlace, readBanks } from './readBanks.ts'

export interface PastMemoryOptions extends BankPlace {
  readonly reader: Pick<HistoryReader, 'read'>
  readonly histories: readonly CameraHistory[]
  /** Names of a camera's zones. */
  readonly zonesOf: (camera: string) => readonly string[]
}

/**
 * @returns what a camera's images and the answers about its events taught; its images are read once, the answers every time
 */
export function pastMemory(options: PastMemoryOptions): (camera: string, texts: ScoringTexts) => Promise<QuietMemory> {
  const known = new Map<string, Promise<ReadonlyMap<string, Reservoir>>>()
  const answers = openAnswers(options.dataDir)
  return async (camera, texts) => {
    const book = answerBook((await answers.read()).answers, options.model)
    const images = known.get(camera) ?? (learnsFromImages(texts.calibration) ? imagesOf(camera, options) : NO_IMAGES)
    known.set(camera, images)
    const worlds = await images
    return fittedMemory((world, light, event) => {
      const examples = book({ camera, world, light, event: event.event })
      const usual = imagesFor(worlds.get(world) ?? EMPTY_RESERVOIR, { light, event: event.event }, examples)
      return learnEvent(usual, examples, { event, texts })
    }, texts)
  }
}

const NO_IMAGES = Promise.resolve<ReadonlyMap<string, Reservoir>>(new Map())

async function imagesOf(camera: string, options: PastMemoryOptions): Promise<ReadonlyMap<string, Reservoir>> {
  const { reader, histories, zonesOf, model } = options
  const banks = await readBanks(camera, [WHOLE_VIEW, 'crop', ...zonesOf(camera).map(zoneViewId)], options)
  if (banks.has(WHOLE_VIEW)) return banks
  const history = histories.find(one => one.camera === camera)
  return history === undefined ? new Map() : learnHistory(reader, { ...history, to: history.to + 1 }, model.dim)
}
