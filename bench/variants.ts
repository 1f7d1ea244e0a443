/** What each variant costs and brings: on a ViT-B/32-size model, and on the bundled one where events can be compared. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MeasureOptions, measureVariants, type VariantRow } from '../src/commands/benchmark/measureVariants.ts'
import { demoImages } from '../src/commands/demoImages.ts'
import { textsOf } from '../src/commands/sampleFrames.ts'
import { DEFAULT_EVENTS } from '../src/config/promptLibrary.ts'
import { exportModel } from '../src/onnx/exportModel.ts'
import { type Outcome, openVariantBuilder } from '../src/onnx/measure/variantBuilder.ts'
import { parseVariant } from '../src/onnx/variants/parseVariant.ts'
import { createRandom } from '../src/util/random.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { makeCheckpoint } from './makeCheckpoint.ts'
import type { Measurement } from './report.ts'

const VARIANTS = ['fp16', 'int8', 'int4', 'pruned-30', 'slim-50', 'slim-50+int8']
const SHARES = { prune: 0.3, slim: 0.5 }
const FRAMES = 20

/** Sizes, times and batch invariance at the size of OpenAI's ViT-B/32. Its weights are random: it says nothing of events. */
export async function benchVariants(): Promise<Measurement> {
  return withModel(async dir => {
    const checkpointDir = join(dir, 'checkpoint')
    await makeCheckpoint(checkpointDir)
    const modelDir = join(dir, 'model')
    await exportModel({ checkpointDir, outputDir: modelDir })
    await rm(checkpointDir, { recursive: true })
    const outcomes = await makeAll(modelDir, [])
    const rows = await measure(modelDir, { batches: [8], readFrames: async size => noise(size) })
    return {
      name: 'variants',
      title: 'Variants at the size of ViT-B/32',
      method: `Random weights, ${FRAMES} pictures of noise, all variants in turns in one process; made without frames.`,
      columns: [
        'variant',
        'size',
        'of fp32',
        'made in s',
        'ms p50',
        'quartiles',
        'p95',
        'speed-up',
        'frames/s at 8',
        'memory MB',
        'batch difference',
      ],
      rows: rows.map(row => [
        row.variant,
        megabytes(row.card.bytes),
        ratio(row, rows),
        madeIn(row, outcomes),
        row.latencyMs.p50.toFixed(1),
        row.latencyMs.quartiles.map(ms => ms.toFixed(1)).join('–'),
        row.latencyMs.p95.toFixed(1),
        `${row.speedUp.toFixed(2)}x`,
        row.throughput.find(each => each.batch === 8)?.framesPerSecond.toFixed(1) ?? '',
        row.memory === null ? '' : (row.memory / 1e6).toFixed(0),
        row.batchDifference.toExponential(1),
      ]),
      notes: [],
    }
  })
}

/** Agreement on events, on the bundled model and pictures of its world that it was neither trained nor calibrated on. */
export async function benchDemoVariants(): Promise<Measurement> {
  return withModel(async modelDir => {
    const checkpointDir = fileURLToPath(new URL('../models/demo', import.meta.url))
    const { imageSize } = await exportModel({ checkpointDir, outputDir: modelDir })
    const outcomes = await makeAll(modelDir, await demoImages(imageSize))
    const texts = await textsOf(modelDir, DEFAULT_EVENTS)
    const readFrames = (size: number) => demoImages(size, { seed: 'bench of variants', count: 400 })
    const rows = await measure(modelDir, { batches: [8], readFrames, readTexts: async () => texts })
    return {
      name: 'demo-variants',
      title: 'Variants of the bundled model',
      method: 'Calibrated and judged on 384 drawn pictures, compared on 400 others; all in turns in one process.',
      columns: [
        'variant',
        'kB',
        'of fp32',
        'ms p50',
        'speed-up',
        'cosine mean',
        'cosine min',
        'agreement',
        'gate',
        'batch difference',
      ],
      rows: rows.map(row => [
        row.variant,
        Math.round(row.card.bytes / 1e3),
        ratio(row, rows),
        row.latencyMs.p50.toFixed(2),
        `${row.speedUp.toFixed(2)}x`,
        row.cosine.mean.toFixed(5),
        row.cosine.min.toFixed(5),
        `${(row.agreement.share * 100).toFixed(2)} %`,
        gateOf(row, outcomes),
        row.batchDifference.toExponential(1),
      ]),
      notes: [`fp32 says yes to ${rows[0]?.agreement.positives} of ${rows[0]?.agreement.decisions} decisions.`],
    }
  })
}

async function makeAll(modelDir: string, pictures: readonly Uint8Array[]): Promise<Outcome[]> {
  const texts = pictures.length === 0 ? null : await textsOf(modelDir, DEFAULT_EVENTS)
  const builder = await openVariantBuilder({ modelDir, pictures, texts, createdBy: 'bench' })
  const outcomes: Outcome[] = []
  try {
    for (const name of VARIANTS) outcomes.push(await builder.build(parseVariant(name, SHARES), true))
  } finally {
    await builder.close()
  }
  return outcomes
}

async function measure(
  modelDir: string,
  options: Pick<MeasureOptions, 'batches' | 'readFrames'> & Partial<MeasureOptions>,
): Promise<readonly VariantRow[]> {
  const noTexts = { variant: 'fp32', logitScale: 100, calibration: { centre: 0, width: 1 }, events: [] }
  const quiet = { onStep: () => {}, onProgress: () => {} }
  const readTexts = async () => noTexts
  return (await measureVariants({ modelDir, variants: VARIANTS, video: 'none', readTexts, ...options }, quiet)).rows
}

function noise(size: number): Uint8Array[] {
  const random = createRandom('noise')
  return Array.from({ length: FRAMES }, () =>
    Uint8Array.from({ length: size * size * 3 }, () => random.integer(0, 255)),
  )
}

function ratio(row: VariantRow, rows: readonly VariantRow[]): string {
  return (row.card.bytes / (rows[0]?.card.bytes ?? Number.NaN)).toFixed(3)
}

function madeIn(row: VariantRow, outcomes: readonly Outcome[]): string {
  return outcomes.find(({ recipe }) => recipe.name === row.variant)?.seconds.toFixed(1) ?? ''
}

function gateOf(row: VariantRow, outcomes: readonly Outcome[]): string {
  const verdict = outcomes.find(({ recipe }) => recipe.name === row.variant)?.verdict
  return verdict?.passed === false ? verdict.misses.join('; ') : 'passed'
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

async function withModel<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const { path, remove } = openFolder('watchword-bench-')
  try {
    return await work(path)
  } finally {
    remove()
  }
}
