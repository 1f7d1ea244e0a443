/** The embeddings of fp32 on a set of frames, and the comparison of variants with them. */

import { fitCalibration, marginChange, marginsOf } from '../../scoring/fitCalibration.ts'
import type { Calibration, ScoringTexts } from '../../scoringTypes.ts'
import { type Agreement, agreementOf, decisionsOf } from './agreement.ts'
import { batchDifference } from './batchDifference.ts'
import { type Cosines, compareEmbeddings } from './compareEmbeddings.ts'
import type { SessionRunner } from './sessionRunner.ts'

export interface Comparison {
  readonly cosine: Cosines
  /** Null without events. */
  readonly agreement: Agreement | null
  /**
   * 99th percentile of the change of the margins, in widths of fp32's calibration (1 nat for an uncalibrated model with
   * logit scale 100); null without two-way events.
   */
  readonly marginChange: number | null
  /** Fitted on other frames than those used for judging. */
  readonly calibration: Calibration
  /** Largest change of an embedding with its batch, as a fraction of its norm. */
  readonly batchDifference: number
}

export interface Reference {
  /** Frames for pruning decisions and calibration; the others are used only for judging. */
  readonly fitting: readonly Uint8Array[]
  /**
   * False when a few of the judging frames already miss the minimum cosine.
   * @param variant open in the session runner
   */
  mayReach(variant: string, leastCosine: number): Promise<boolean>
  /** @param variant open in the session runner */
  compare(variant: string): Promise<Comparison>
}

export interface ReferenceOptions {
  /** The fp32 model; open in the session runner. */
  readonly variant: string
  readonly pictures: readonly Uint8Array[]
  /** With the fp32 model's calibration; null: only embeddings are compared. */
  readonly texts: ScoringTexts | null
  readonly calibration: Calibration
}

/** With fewer frames, both sets contain all of them. */
const LEAST_TO_SPLIT = 16
/** For the check of batches: number of frames, and batch sizes that do and do not divide it. */
const BATCH_FRAMES = 8
const BATCHES = [3, 8]
/** Number of frames of the early check. */
const FEW = 8

/** Even frames are used for fitting, odd frames for judging. */
export async function createReference(
  runner: Pick<SessionRunner, 'embed'>,
  options: ReferenceOptions,
): Promise<Reference> {
  const { variant, pictures, texts, calibration } = options
  const split = pictures.length >= LEAST_TO_SPLIT
  const fitting = pictures.filter((_, i) => !split || i % 2 === 0)
  const judging = pictures.filter((_, i) => !split || i % 2 === 1)
  const exact = { fitting: await runner.embed(variant, fitting), judging: await runner.embed(variant, judging) }
  return {
    fitting,
    mayReach: async (name, leastCosine) => {
      const isChosen = (_: unknown, i: number) => i % Math.ceil(judging.length / FEW) === 0
      const few = await runner.embed(name, judging.filter(isChosen))
      return compareEmbeddings(exact.judging.filter(isChosen), few).min >= leastCosine
    },
    compare: async name => {
      const [fitted, judged] = [await runner.embed(name, fitting), await runner.embed(name, judging)]
      return {
        cosine: compareEmbeddings(exact.judging, judged),
        ...(texts === null
          ? { agreement: null, marginChange: null, calibration }
          : compareEvents(texts, exact, { fitting: fitted, judging: judged })),
        batchDifference: await batchDifference(runner, name, {
          pictures: judging.slice(0, BATCH_FRAMES),
          batches: BATCHES,
        }),
      }
    },
  }
}

interface Embeddings {
  readonly fitting: readonly Float32Array[]
  readonly judging: readonly Float32Array[]
}

/** Both variants learn from the fitting frames, and their decisions on the judging frames are compared. */
function compareEvents(texts: ScoringTexts, exact: Embeddings, own: Embeddings) {
  const calibration = fitCalibration(marginsOf(exact.fitting, texts), marginsOf(own.fitting, texts), texts.calibration)
  return {
    agreement: agreementOf(
      decisionsOf(exact.judging, texts, exact.fitting),
      decisionsOf(own.judging, { ...texts, calibration }, own.fitting),
    ),
    marginChange: texts.events.every(event => event.levels !== null)
      ? null
      : marginChange(marginsOf(exact.judging, texts), marginsOf(own.judging, texts)) / texts.calibration.width,
    calibration,
  }
}
