/** Times variants on the same frames in turns, so that other load on the machine affects all of them alike. */

import { quantile } from '../../util/vector.ts'
import type { SessionRunner } from './sessionRunner.ts'

export interface TimingOptions {
  readonly variants: readonly string[]
  /** Frames for batch 1, each run once per variant. */
  readonly pictures: readonly Uint8Array[]
  /** Batch sizes to try besides 1. */
  readonly batches: readonly number[]
  /** Runs per batch and variant. */
  readonly rounds: number
  /** Called after every turn with the fraction done, (0, 1]. */
  readonly onProgress?: (share: number) => void
}

export interface Timing {
  readonly variant: string
  /** ms per frame at batch 1. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly quartiles: readonly [number, number] }
  /** Frames a second by batch, medians; batch 1 comes first. */
  readonly throughput: readonly {
    readonly batch: number
    readonly framesPerSecond: number
    readonly spread: readonly [number, number]
  }[]
  /** The batch size with the most frames per second. */
  readonly best: { readonly batch: number; readonly framesPerSecond: number }
}

const WARM_UP_RUNS = 3

export async function timeVariants(runner: SessionRunner, options: TimingOptions): Promise<Timing[]> {
  const { variants, pictures, rounds } = options
  const batches = [1, ...options.batches.filter(batch => batch > 1)]
  const seconds = new Map(variants.map(variant => [variant, new Map(batches.map(batch => [batch, [] as number[]]))]))
  const turns = pictures.length + (batches.length - 1) * rounds
  let done = 0
  for (const batch of batches) {
    for (const variant of variants) {
      for (let i = 0; i < WARM_UP_RUNS; i++) await runner.run(variant, take(pictures, i, batch))
    }
    for (let round = 0; round < (batch === 1 ? pictures.length : rounds); round++) {
      for (const variant of rotate(variants, round)) {
        const run = await runner.run(variant, take(pictures, round * batch, batch))
        seconds.get(variant)?.get(batch)?.push(run.seconds)
      }
      options.onProgress?.(++done / turns)
    }
  }
  return variants.map(variant => summarize(variant, seconds.get(variant) ?? new Map()))
}

function summarize(variant: string, seconds: ReadonlyMap<number, readonly number[]>): Timing {
  const single = seconds.get(1) ?? []
  const ms = (q: number) => quantile(single, q) * 1000
  const throughput = [...seconds].map(([batch, times]) => {
    const rate = (q: number) => batch / quantile(times, q)
    return { batch, framesPerSecond: rate(0.5), spread: [rate(0.75), rate(0.25)] as const }
  })
  const best = throughput.reduce((a, b) => (b.framesPerSecond > a.framesPerSecond ? b : a))
  return {
    variant,
    latencyMs: { p50: ms(0.5), p95: ms(0.95), quartiles: [ms(0.25), ms(0.75)] },
    throughput,
    best: { batch: best.batch, framesPerSecond: best.framesPerSecond },
  }
}

/** Each round starts with another variant, so that none always runs after the same neighbour (cold caches). */
function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

/** `count` pictures from `start` on, cyclic. */
function take(pictures: readonly Uint8Array[], start: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => pictures[(start + i) % pictures.length]!)
}
