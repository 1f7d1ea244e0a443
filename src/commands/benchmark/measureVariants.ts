/** Measures the variants of one model in one process, on the same frames, in turns. */

import { join } from 'node:path'
import { type ModelCard, readModelCard } from '../../models/modelCard.ts'
import { readVariantCard, type VariantCard } from '../../models/variantCard.ts'
import { type Agreement, agreementOf, decisionsOf } from '../../onnx/measure/agreement.ts'
import { batchDifference } from '../../onnx/measure/batchDifference.ts'
import { type Cosines, compareEmbeddings } from '../../onnx/measure/compareEmbeddings.ts'
import { measureMemory } from '../../onnx/measure/measureMemory.ts'
import { type Cpu, limitsOf, readCpu } from '../../onnx/measure/readCpu.ts'
import { type SessionRunner, startSessionRunner } from '../../onnx/measure/sessionRunner.ts'
import { type Timing, timeVariants } from '../../onnx/measure/timeVariants.ts'
import type { Int8Kernel } from '../../onnx/session/sessionOptions.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'

export interface MeasureOptions {
  readonly modelDir: string
  /** fp32 is always measured, because the others are compared with it. */
  readonly variants: readonly string[]
  /** The video's name, for the report. */
  readonly video: string
  readonly batches: readonly number[]
  readonly readFrames: (size: number) => Promise<Uint8Array[]>
  readonly readTexts: () => Promise<ScoringTexts>
}

export interface MeasureListeners {
  readonly onStep: (step: string) => void
  readonly onProgress: (fraction: number) => void
}

export interface Measured {
  readonly model: string
  readonly video: string
  readonly frames: number
  /** ms since the epoch */
  readonly measuredAt: number
  readonly cpu: Cpu
  /** What a benchmark on this processor cannot show, one sentence each. */
  readonly limits: readonly string[]
  /** fp32 first. */
  readonly rows: readonly VariantRow[]
}

export interface VariantRow extends Timing {
  readonly card: VariantCard
  /** Frames per second at batch size 1, and its ratio to fp32's. */
  readonly framesPerSecond: number
  readonly speedUp: number
  /** Bytes that the model adds to a fresh process; null when it could not be measured. */
  readonly memory: number | null
  readonly cosine: Cosines
  readonly agreement: Agreement
  readonly batchDifference: number
}

const EXACT = 'fp32'
const ROUNDS = 9
/** Number of frames for the check that embeddings do not depend on the batch. */
const BATCH_FRAMES = 8

export async function measureVariants(
  options: MeasureOptions,
  { onStep, onProgress }: MeasureListeners,
): Promise<Measured> {
  const { modelDir } = options
  const card = await readModelCard(modelDir)
  const variants = [EXACT, ...options.variants.filter(variant => variant !== EXACT)]
  const cards = await Promise.all(variants.map(variant => readVariantCard(modelDir, variant)))
  const frames = await options.readFrames(card.imageSize)
  const texts = await options.readTexts()
  onStep(`Measuring ${variants.length} variants of ${card.name} on ${frames.length} frames`)
  const memory = await memoryOf(modelDir, card, cards)
  const runner = startSessionRunner({ format: card })
  try {
    let int8Kernel: Int8Kernel | null = null
    for (const each of cards) ({ int8Kernel } = await runner.open(each.variant, join(modelDir, each.file)))
    const timings = await timeVariants(runner, {
      variants,
      pictures: frames,
      batches: options.batches,
      rounds: ROUNDS,
      onProgress,
    })
    const exact = await runner.embed(EXACT, frames)
    const rates = timings.map(timing => timing.throughput[0]?.framesPerSecond ?? 0)
    const rows = await Promise.all(
      cards.map(
        async (each, i): Promise<VariantRow> => ({
          ...(timings[i] as Timing),
          ...(await compare(runner, { card: each, frames, texts, exact })),
          card: each,
          framesPerSecond: rates[i] as number,
          speedUp: (rates[i] as number) / (rates[0] as number),
          memory: memory[i] ?? null,
        }),
      ),
    )
    const cpu = readCpu(int8Kernel)
    return {
      model: card.name,
      video: options.video,
      frames: frames.length,
      measuredAt: Date.now(),
      cpu,
      limits: limitsOf(cpu),
      rows,
    }
  } finally {
    await runner.stop()
  }
}

interface CompareTask {
  readonly card: VariantCard
  readonly frames: readonly Uint8Array[]
  readonly texts: ScoringTexts
  readonly exact: readonly Float32Array[]
}

async function compare(runner: SessionRunner, { card, frames, texts, exact }: CompareTask) {
  const { variant, calibration } = card
  const own = await runner.embed(variant, frames)
  return {
    cosine: compareEmbeddings(exact, own),
    agreement: agreementOf(decisionsOf(exact, texts), decisionsOf(own, { ...texts, calibration })),
    batchDifference: await batchDifference(runner, variant, {
      pictures: frames.slice(0, BATCH_FRAMES),
      batches: [3, 8],
    }),
  }
}

/** Sequential: in parallel they would compete for memory. */
async function memoryOf(
  modelDir: string,
  format: ModelCard,
  cards: readonly VariantCard[],
): Promise<(number | null)[]> {
  const bytes: (number | null)[] = []
  for (const { file } of cards) bytes.push(await measureMemory(join(modelDir, file), format))
  return bytes
}
