/** What scores over the past are compared with: the camera's banks as they are now, or else its own stored frames. */

import { imagesFor } from '../../bank/imagesFor.ts'
import { EMPTY_RESERVOIR, type Reservoir } from '../../bank/reservoir.ts'
import type { CameraHistory, HistoryReader } from '../../history/history.ts'
import { NO_MEMORY, type QuietMemory } from '../../operators/score.ts'
import { zoneViewId } from '../../operators/views/countsFor.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import { learnsFromImages } from '../../scoring/eventScores.ts'
import { fitQuiet } from '../../scoring/fitQuiet.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { fittedMemory } from './fittedMemory.ts'
import { learnHistory } from './learnHistory.ts'
import { type BankPlace, readBanks } from './readBanks.ts'

/** Changes what was learned by what a user answered. */
export type WithAnswers = (memory: QuietMemory, camera: string, texts: ScoringTexts) => Promise<QuietMemory>

export interface PastMemoryOptions extends BankPlace {
  readonly reader: Pick<HistoryReader, 'read'>
  readonly histories: readonly CameraHistory[]
  /** Names of a camera's zones. */
  readonly zonesOf: (camera: string) => readonly string[]
  /** Default: answers change nothing. */
  readonly withAnswers?: WithAnswers
}

/** @returns what a camera's images taught about these events; the images of a camera are read once */
export function pastMemory(options: PastMemoryOptions): (camera: string, texts: ScoringTexts) => Promise<QuietMemory> {
  const { withAnswers = async memory => memory } = options
  const known = new Map<string, Promise<ReadonlyMap<string, Reservoir>>>()
  return async (camera, texts) => {
    if (!learnsFromImages(texts.calibration)) return withAnswers(NO_MEMORY, camera, texts)
    const images = known.get(camera) ?? imagesOf(camera, options)
    known.set(camera, images)
    const worlds = await images
    const memory = fittedMemory(
      (world, light, event) =>
        fitQuiet(imagesFor(worlds.get(world) ?? EMPTY_RESERVOIR, light, event.event), event, texts.logitScale),
      texts,
    )
    return withAnswers(memory, camera, texts)
  }
}

async function imagesOf(camera: string, options: PastMemoryOptions): Promise<ReadonlyMap<string, Reservoir>> {
  const { reader, histories, zonesOf, model } = options
  const banks = await readBanks(camera, [WHOLE_VIEW, 'crop', ...zonesOf(camera).map(zoneViewId)], options)
  if (banks.has(WHOLE_VIEW)) return banks
  const history = histories.find(one => one.camera === camera)
  return history === undefined ? new Map() : learnHistory(reader, { ...history, to: history.to + 1 }, model.dim)
}
