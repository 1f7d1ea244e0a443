/** Formats the tables of `watchword models`. */

import type { ModelFacts, ModelListing } from '../../models/listModels.ts'
import type { ModelCard } from '../../models/modelCard.ts'
import type { VariantCard } from '../../models/variantCard.ts'
import type { FileCheck } from '../../models/verifyModel.ts'

/** Two tables: what is on this machine or can be pulled, and what the registry says about the latter. */
export function listTable(models: readonly ModelListing[]): string {
  const rows = models.map(({ name, state, bytes, variants, description, facts }) => [
    name,
    state,
    bytes === 0 ? '?' : megabytes(bytes),
    variants.length === 0 ? '–' : variants.join(' '),
    facts?.isRecommended ? `${description} (recommended)` : description,
  ])
  const listed = models.flatMap(({ name, facts }) => (facts === null ? [] : [factsRow(name, facts)]))
  const facts = table([['name', 'ImageNet', 'cost', 'languages', 'licence'], ...listed])
  return `${table([['name', 'state', 'size', 'variants', 'what'], ...rows])}\n\n${facts}\n\n${FACTS_NOTE}`
}

const FACTS_NOTE =
  'ImageNet: zero-shot accuracy. Cost: of the image tower per frame, compared with ViT-B/32. Sources: `models list --json`'

function factsRow(name: string, { imagenet, cost, languages, license, restriction }: ModelFacts): string[] {
  return [
    name,
    `${round(imagenet.value, 1)} %`,
    cost === null ? '–' : `${round(cost.relative, 1)}x`,
    languages,
    restriction === null ? license : `${license}: ${restriction}`,
  ]
}

export function infoText(dir: string, card: ModelCard, variants: readonly VariantCard[]): string {
  const { imageSize, patchSize, embedDim, contextLength, parameters } = card
  const facts = table([
    ['name', card.name],
    ['source', card.revision === null ? card.source : `${card.source} @ ${card.revision}`],
    ['weights', `sha256 ${card.sourceSha256}`],
    ['image', `${imageSize}x${imageSize}, patches of ${patchSize}, as ${card.vision.input}`],
    ['prompts', `${contextLength} tokens of ${card.vocabSize}`],
    ['vectors', `${embedDim} numbers, logit scale ${round(card.logitScale, 2)}`],
    ['parameters', `${millions(parameters.vision)} vision, ${millions(parameters.text)} text`],
    ['folder', dir],
  ])
  const rows = variants.map(variant => [
    variant.variant,
    megabytes(variant.bytes),
    `${round(variant.sparsity * 100, 1)} %`,
    variant.cosine === null ? '–' : `${round(variant.cosine.mean, 4)} / ${round(variant.cosine.min, 4)}`,
    variant.agreement === null ? '–' : `${round(variant.agreement * 100, 1)} %`,
    `${round(variant.calibration.centre, 3)} ± ${round(variant.calibration.width, 3)}`,
    variant.sha256.slice(0, 12),
  ])
  const head = ['variant', 'size', 'zeros', 'cosine mean / min', 'agreement', 'calibration', 'sha256']
  return `${facts}\n\n${table([head, ...rows])}`
}

export function checksTable(dir: string, files: readonly FileCheck[]): string {
  const rows = files.map(({ file, state, expected, found }) => [file, state, detail(state, expected, found)])
  return `${dir}\n${table(rows)}`
}

/** 88.6 MB: decimal megabytes, as hubs and disks use them. */
export function megabytes(bytes: number): string {
  return `${round(bytes / 1e6, bytes < 10e6 ? 1 : 0)} MB`
}

function detail(state: FileCheck['state'], expected: string | null, found: string | null): string {
  if (state === 'missing') return expected === null ? '' : `expected sha256 ${expected}`
  if (state === 'corrupt') return `expected sha256 ${expected}, got ${found}`
  return `sha256 ${found}`
}

function millions(count: number): string {
  return `${round(count / 1e6, 1)} M`
}

function round(value: number, digits: number): string {
  return value.toFixed(digits)
}

/** Columns of equal width, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
