/** Runs the product over the embeddings of a fixed camera: the curve of `a person`, learned from the first half minute. */

import { basename } from 'node:path'
import { fitQuiet, quietMargin } from '../../src/scoring/fitQuiet.ts'
import type { Calibration, QuietFit } from '../../src/scoringTypes.ts'
import { normalize } from '../../src/util/vector.ts'
import { InputError } from '../../test/support/inputError.ts'
import { readNpy } from '../../test/support/readNpy.ts'
import { eventOf } from './measureCase.ts'
import type { RealFolder } from './openFolder.ts'
import { scoreOf } from './scoreOf.ts'
import { watchSeries } from './watchSeries.ts'

const PROMPTS = ['a person']
const BANK_SECONDS = 30

export interface CameraResult {
  readonly name: string
  readonly fps: number
  /** Seconds the bank was learned from. */
  readonly learnedSeconds: number
  readonly fit: QuietFit
  /** One per frame, nats above the bank's mean. */
  readonly margins: readonly number[]
  /** Starts of `a person`, and the time watched after the bank. */
  readonly events: number
  readonly hours: number
  /** Standard deviation of the margin's change from one frame to the next, nats. */
  readonly jitter: number
}

/**
 * @param file .npy [frames, dim]; its name ends with the frame rate: `…-5fps.npy`
 * @throws InputError with one line
 */
export function measureCamera(file: string, folder: RealFolder, calibration: Calibration): CameraResult {
  const name = basename(file, '.npy')
  const fps = Number(/-(\d+(?:\.\d+)?)fps$/.exec(name)?.[1])
  if (!(fps > 0)) throw new InputError(`Expected a frame rate in the name of ${file}, such as street-5fps.npy`)
  const event = eventOf({ name, prompts: PROMPTS }, folder.cases[0]?.background ?? [], folder)
  const frames = readNpy(file).map(normalize)
  if (frames[0]?.length !== event.positive.length)
    throw new InputError(
      `Expected ${file} to have ${event.positive.length} numbers a frame, got ${frames[0]?.length ?? 0}`,
    )
  const learned = frames.slice(0, Math.round(BANK_SECONDS * fps))
  const fit = fitQuiet(learned, event, folder.logitScale)
  if (fit === null) throw new InputError(`${file} has too few frames to learn from: ${learned.length}`)
  const margins = frames.map(embedding => quietMargin(fit, embedding))
  const watched = frames.slice(learned.length)
  const scores = watched.map(embedding =>
    scoreOf(event, embedding, fit, { calibration, logitScale: folder.logitScale }),
  )
  return {
    name,
    fps,
    learnedSeconds: learned.length / fps,
    fit,
    margins,
    events: watchSeries(scores, fps).starts.length,
    hours: watched.length / fps / 3600,
    jitter: deviation(margins.slice(1).map((margin, i) => margin - (margins[i] ?? 0))),
  }
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
