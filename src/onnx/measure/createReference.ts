/** What fp32 makes of a set of frames, and how far a variant is from it. */

import { fitCalibration, marginsOf } from '../../scoring/fitCalibration.ts'
import type { Calibration, ScoringTexts } from '../../types.ts'
import { type Agreement, agreementOf, decisionsOf } from './agreement.ts'
import { batchDifference } from './batchDifference.ts'
import { type Cosines, compareEmbeddings } from './compareEmbeddings.ts'
import type { SessionRunner } from './sessionRunner.ts'

export interface Comparison {
  readonly cosine: Cosines
  /** Null without events. */
  readonly agreement: Agreement | null
  /** Fitted on other frames than those that are judged. */
  readonly calibration: Calibration
  /** The most that a frame's embedding moved with its batch, as a share of its norm. */
  readonly batchDifference: number
}

export interface Reference {
  /** Frames to choose and fit with; the others are only for judging. */
  readonly fitting: readonly Uint8Array[]
  /**
   * Whether a few of the judging frames leave hope of the least cosine: when they don't, no others can mend it.
   * @param variant open in the runner
   */
  mayReach(variant: string, leastCosine: number): Promise<boolean>
  /** @param variant open in the runner */
  compare(variant: string): Promise<Comparison>
}

export interface ReferenceOptions {
  /** Open in the runner: the exact model. */
  readonly variant: string
  readonly pictures: readonly Uint8Array[]
  /** With the exact model's calibration; null: embeddings alone are compared. */
  readonly texts: ScoringTexts | null
  readonly calibration: Calibration
}

/** Below this both sets hold all frames: half of so few says nothing. */
const LEAST_TO_SPLIT = 16
/** For the check of batches: so many frames, alone and in groups that do and do not divide them. */
const BATCH_FRAMES = 8
const BATCHES = [3, 8]
/** For the first look. */
const FEW = 8

/** Even frames fit, odd frames judge: what was fitted is never its own judge. */
export async function createReference(runner: SessionRunner, options: ReferenceOptions): Promise<Reference> {
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
      const own =
        texts === null
          ? calibration
          : fitCalibration(marginsOf(exact.fitting, texts), marginsOf(fitted, texts), calibration)
      return {
        cosine: compareEmbeddings(exact.judging, judged),
        agreement:
          texts === null
            ? null
            : agreementOf(decisionsOf(exact.judging, texts), decisionsOf(judged, { ...texts, calibration: own })),
        calibration: own,
        batchDifference: await batchDifference(runner, name, {
          pictures: judging.slice(0, BATCH_FRAMES),
          batches: BATCHES,
        }),
      }
    },
  }
}
