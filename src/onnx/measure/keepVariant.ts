/** Moves a finished variant into its model directory, with its card. */

import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type VariantCard, visionFile, writeVariantCard } from '../../models/variantCard.ts'
import { isThere } from '../../util/readFile.ts'
import { describeRecipe } from '../recipe.ts'
import type { Int8Kernel } from '../session/sessionOptions.ts'
import type { BuiltVariant } from './buildVariant.ts'
import { readCpu } from './readCpu.ts'

export interface KeepOptions {
  /** Work folder inside `modelDir`, with the finished files. */
  readonly dir: string
  readonly modelDir: string
  /** Of fp32. */
  readonly exactCard: VariantCard
  readonly int8Kernel: Int8Kernel | null
  readonly createdBy: string
}

/**
 * Moves data, graph, then card, so that a card never exists without its model.
 * @throws WatchwordError `disk-full`, `unwritable`
 */
export async function keepVariant(
  { recipe, calibrated, statistics, saved, comparison }: BuiltVariant,
  { dir, modelDir, exactCard, int8Kernel, createdBy }: KeepOptions,
): Promise<VariantCard> {
  const file = visionFile(recipe.name)
  const card: VariantCard = {
    variant: recipe.name,
    recipe: [...describeRecipe(recipe), ...(calibrated ? ['int8 layers with ranges measured on frames'] : [])],
    file,
    ...saved,
    sourceSha256: exactCard.sourceSha256,
    parameters: { total: statistics.total, nonZero: statistics.nonZero },
    sparsity: statistics.sparsity,
    cosine: comparison?.cosine ?? null,
    agreement: comparison?.agreement?.share ?? null,
    calibration: comparison?.calibration ?? exactCard.calibration,
    cpu: readCpu(int8Kernel),
    createdBy,
  }
  await removeVariant(modelDir, recipe.name)
  for (const part of [`${file}.data`, file]) {
    if (isThere(join(dir, part))) await rename(join(dir, part), join(modelDir, part))
  }
  await writeVariantCard(modelDir, card)
  return card
}

/** Removes the variant's files and card, if they exist. */
export async function removeVariant(dir: string, variant: string): Promise<void> {
  const file = visionFile(variant)
  for (const part of [`${variant}.json`, file, `${file}.data`]) await rm(join(dir, part), { force: true })
}
