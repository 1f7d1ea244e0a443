/** Compares a model that was exported for images of another size with the original, each on images of its own size. */

import { join } from 'node:path'
import { readModelCard } from '../../models/modelCard.ts'
import { readVariantCard, writeVariantCard } from '../../models/variantCard.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { type Comparison, createReference } from './createReference.ts'
import { COARSE, judge, type Verdict } from './qualityGate.ts'
import { type SessionRunner, startSessionRunner } from './sessionRunner.ts'

export interface SizedModel {
  readonly dir: string
  /** The same scenes in the same order: [size, size, 3] uint8 RGB. */
  readonly pictures: readonly Uint8Array[]
}

export interface SizeJudgement {
  readonly comparison: Comparison
  readonly verdict: Verdict
}

const [ORIGINAL, RESIZED] = ['original', 'resized']

/**
 * Opens fp32 of both. The resized model's card then contains the comparison and its own calibration.
 * @param texts with the original's calibration
 */
export async function judgeImageSize(
  original: SizedModel,
  resized: SizedModel,
  texts: ScoringTexts | null,
): Promise<SizeJudgement> {
  const runners = [await startRunner(original), await startRunner(resized)] as const
  try {
    const { file, calibration } = await readVariantCard(original.dir, 'fp32')
    const own = await readVariantCard(resized.dir, 'fp32')
    await runners[0].open(ORIGINAL, join(original.dir, file))
    await runners[1].open(RESIZED, join(resized.dir, own.file))
    const pairs = new Map(original.pictures.map((picture, i) => [picture, resized.pictures[i] as Uint8Array]))
    const reference = await createReference(bothSizes(runners, pairs), {
      variant: ORIGINAL,
      pictures: original.pictures,
      texts,
      calibration,
    })
    const comparison = await reference.compare(RESIZED)
    const { cosine, agreement } = comparison
    const measured = { cosine, agreement: agreement?.share ?? null, calibration: comparison.calibration }
    await writeVariantCard(resized.dir, { ...own, ...measured })
    return { comparison, verdict: judge(COARSE, comparison) }
  } finally {
    for (const runner of runners) await runner.stop()
  }
}

async function startRunner({ dir }: SizedModel): Promise<SessionRunner> {
  return startSessionRunner({ format: await readModelCard(dir) })
}

/** The resized model takes the smaller picture of the same scene. */
function bothSizes(
  [original, resized]: readonly [SessionRunner, SessionRunner],
  pairs: ReadonlyMap<Uint8Array, Uint8Array>,
): Pick<SessionRunner, 'embed'> {
  return {
    embed: (variant, pictures, batch) =>
      variant === RESIZED
        ? resized.embed(
            variant,
            pictures.map(picture => pairs.get(picture) as Uint8Array),
            batch,
          )
        : original.embed(variant, pictures, batch),
  }
}
