/** Decides whether a model may see smaller or larger images than in training: events must stay the same. */

import { readModelCard } from '../../models/modelCard.ts'
import type { Agreement } from '../../onnx/measure/agreement.ts'
import type { Cosines } from '../../onnx/measure/compareEmbeddings.ts'
import { judgeImageSize } from '../../onnx/measure/judgeImageSize.ts'
import { WatchwordError } from '../../util/errors.ts'
import { calibrationFrames } from './calibrationFrames.ts'
import type { OptimizeDeps, OptimizeOptions } from './optimizeOptions.ts'

export interface SizeOutcome {
  /** Side of the images in pixels. */
  readonly imageSize: number
  /** In training. */
  readonly ownSize: number
  readonly cosine: Cosines
  readonly agreement: Agreement | null
  /** Why the size was not good enough but kept with `force`. */
  readonly misses: readonly string[]
}

export interface ResizedModel {
  /** Its fp32 card gets the comparison. */
  readonly dir: string
  readonly frames: readonly Uint8Array[]
}

/** @throws WatchwordError `variant-refused`, and those of finding the model in its own size */
export async function judgeSize(
  options: OptimizeOptions,
  { dir, frames }: ResizedModel,
  deps: OptimizeDeps,
): Promise<SizeOutcome> {
  const { imageSize } = await readModelCard(dir)
  const original = await deps.findModel(options.model)
  const { imageSize: ownSize } = await readModelCard(original.dir)
  deps.onStep(`Comparing images of ${imageSize} pixels with ${ownSize}`)
  const own = await calibrationFrames(options, deps, { name: original.name, size: ownSize })
  const texts = await deps.readTexts(original.dir, options.events)
  const { comparison, verdict } = await judgeImageSize(
    { dir: original.dir, pictures: own },
    { dir, pictures: frames },
    texts,
  )
  if (!verdict.passed && options.force !== true) {
    throw new WatchwordError(
      `Images of ${imageSize} pixels instead of ${ownSize} failed the quality gate: ${verdict.misses.join('; ')}`,
      { code: 'variant-refused', hint: 'Try a size nearer to the model’s own; --force keeps it' },
    )
  }
  const { cosine, agreement } = comparison
  return { imageSize, ownSize, cosine, agreement, misses: verdict.misses }
}
