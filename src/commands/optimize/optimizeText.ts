/** Prints the result of `optimize` as a table and as JSON. */

import type { Outcome } from '../../onnx/measure/variantBuilder.ts'
import { bytes, count, fixed, percent } from '../report/numbers.ts'
import { type Column, table } from '../report/table.ts'
import type { SizeOutcome } from './judgeSize.ts'
import type { Optimized } from './optimizeModel.ts'

export function optimizeText(done: Optimized): string {
  const lines = [
    `${done.model}: ${done.frames === 0 ? 'not measured (use --calibrate VIDEO to measure and judge)' : measuredOn(done)}`,
    '',
    table(optimizeColumns(done), done.outcomes),
    '',
    ...optimizeNotes(done),
    `written to ${done.outputDir}`,
  ]
  return `${lines.join('\n')}\n`
}

export function optimizeJson(done: Optimized): string {
  const variants = done.outcomes.map(({ recipe, statistics, saved, comparison, verdict, card, seconds }) => ({
    variant: recipe.name,
    written: card !== null,
    passed: verdict?.passed ?? null,
    misses: verdict?.misses ?? [],
    bytes: saved.bytes,
    size_ratio: saved.bytes / done.exactBytes,
    statistics,
    cosine: comparison?.cosine ?? null,
    agreement: comparison?.agreement ?? null,
    batch_difference: comparison?.batchDifference ?? null,
    calibration: comparison?.calibration ?? null,
    layers_kept: recipe.layers,
    seconds,
  }))
  const { model, outputDir, frames, exactBytes, towers, size, cpu } = done
  const json = {
    model,
    output_dir: outputDir,
    frames,
    fp32_bytes: exactBytes,
    image_size: size === null ? null : { pixels: size.imageSize, own: size.ownSize, ...judged(size) },
    variants,
    pruned_towers: towers,
    cpu,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function judged({ cosine, agreement, misses }: SizeOutcome) {
  return { cosine, agreement, misses }
}

/** Columns of the table in the terminal and in the report. */
export function optimizeColumns(done: Optimized): Column<Outcome>[] {
  return [
    { title: 'variant', cell: each => each.recipe.name, align: 'left' },
    { title: 'size', cell: each => bytes(each.saved.bytes) },
    { title: 'of fp32', cell: each => percent(each.saved.bytes / done.exactBytes, 1) },
    { title: 'parameters', cell: each => count(each.statistics.total) },
    { title: 'non-zero', cell: each => count(each.statistics.nonZero) },
    { title: 'sparsity', cell: each => percent(each.statistics.sparsity) },
    { title: 'cosine', cell: each => fixed(each.comparison?.cosine.mean ?? null, 5) },
    { title: 'worst', cell: each => fixed(each.comparison?.cosine.min ?? null, 5) },
    { title: 'agreement', cell: each => percent(each.comparison?.agreement?.share ?? null, 1) },
    { title: 'made in', cell: each => `${each.seconds.toFixed(1)} s` },
    { title: '', cell: each => judgement(each), align: 'left' },
  ]
}

/** Why variants were rejected, which layers differ from the recipe, and what pruning removes from both towers. */
export function optimizeNotes(done: Optimized): string[] {
  return [...sizeLine(done), ...done.outcomes.flatMap(notesOf), ...towersLine(done)]
}

/** Without positive decisions, a variant that never detects anything would agree, too. */
export const NO_POSITIVES_NOTE = ': agreement says little, use a video in which the events happen'

function measuredOn({ frames, outcomes }: Optimized): string {
  const positives = outcomes.find(each => each.comparison?.agreement)?.comparison?.agreement
  const decisions = positives
    ? `, ${positives.positives} of ${positives.decisions} decisions are yes, one is ${percent(1 / positives.decisions)}${positives.positives === 0 ? NO_POSITIVES_NOTE : ''}`
    : ''
  return `measured on ${frames} frames${decisions}`
}

function judgement({ verdict, card }: Outcome): string {
  if (verdict === null) return 'not measured'
  if (verdict.passed) return 'passed'
  return card === null ? 'REJECTED' : 'forced'
}

function notesOf({ recipe, verdict, card }: Outcome): string[] {
  const kept = recipe.layers.map(({ match, store }) => `${match} (${store})`).join(', ')
  const missed = verdict?.misses.join('; ') ?? ''
  return [
    ...(missed === '' ? [] : [`${recipe.name} was ${card === null ? 'rejected' : 'forced'}: ${missed}`]),
    ...(kept === '' ? [] : [`${recipe.name} stores these layers differently: ${kept}`]),
  ]
}

function sizeLine({ size }: Optimized): string[] {
  if (size === null) return []
  const { imageSize, ownSize, cosine, agreement, misses } = size
  const share = agreement === null ? '' : `, ${percent(agreement.share, 1)} of the decisions agree`
  const forced = misses.length === 0 ? '' : `; forced: ${misses.join('; ')}`
  return [
    `fp32 sees ${imageSize} pixels instead of ${ownSize}: cosine ${fixed(cosine.mean, 5)}, worst ${fixed(cosine.min, 5)}${share}${forced}`,
  ]
}

function towersLine({ towers }: Optimized): string[] {
  if (towers === null) return []
  const { variant, removed, total, sparsity } = towers
  const removedText = `${removed.toLocaleString('en')} of ${total.toLocaleString('en')} parameters (${percent(sparsity)})`
  return [
    `${variant} applied to both towers would remove ${removedText}; the text tower is not changed, because texts are encoded only once`,
  ]
}
