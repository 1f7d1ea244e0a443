import { expect, test } from 'vitest'
import type { SessionRunner } from '../../../src/onnx/measure/sessionRunner.ts'
import { timeVariants } from '../../../src/onnx/measure/timeVariants.ts'

/** A model whose runs take `fixed + perFrame · batch` ms, and that writes down who ran. */
function fakeMeter(costs: Record<string, { fixed: number; perFrame: number }>, log: string[]): SessionRunner {
  return {
    open: async () => ({ seconds: 0, int8Kernel: null }),
    close: async () => {},
    stop: async () => {},
    embed: async () => [],
    sum: async () => new Map(),
    max: async () => new Map(),
    run: async (variant, pictures) => {
      log.push(`${variant}/${pictures.length}`)
      const { fixed = 0, perFrame = 0 } = costs[variant] ?? {}
      return { seconds: (fixed + perFrame * pictures.length) / 1000, embeddings: [] }
    },
  }
}

const pictures = Array.from({ length: 4 }, () => new Uint8Array(3))
const costs = { slow: { fixed: 0, perFrame: 40 }, fast: { fixed: 10, perFrame: 10 } }

test('reports the latency at batch size 1 and the batch size with the most frames per second', async () => {
  const runner = fakeMeter(costs, [])
  const [slow, fast] = await timeVariants(runner, { variants: ['slow', 'fast'], pictures, batches: [2, 8], rounds: 2 })
  expect(slow?.latencyMs.p50).toBeCloseTo(40, 9)
  expect(slow?.throughput.map(each => Math.round(each.framesPerSecond))).toEqual([25, 25, 25])
  expect(fast?.latencyMs.p95).toBeCloseTo(20, 9)
  expect(fast?.best.batch).toBe(8)
  expect(fast?.best.framesPerSecond).toBeCloseTo(8 / 0.09, 6)
})

test('variants take turns, and each goes first as often as the others', async () => {
  const log: string[] = []
  const progress: number[] = []
  const onProgress = (share: number) => progress.push(share)
  await timeVariants(fakeMeter(costs, log), {
    variants: ['slow', 'fast'],
    pictures,
    batches: [],
    rounds: 0,
    onProgress,
  })
  const measured = log.slice(6)
  expect(measured).toEqual(['slow', 'fast', 'fast', 'slow', 'slow', 'fast', 'fast', 'slow'].map(name => `${name}/1`))
  expect(progress).toEqual([0.25, 0.5, 0.75, 1])
})

test('fills batches from the beginning when there are too few pictures', async () => {
  const log: string[] = []
  await timeVariants(fakeMeter(costs, log), { variants: ['fast'], pictures, batches: [16], rounds: 1 })
  expect(log.at(-1)).toBe('fast/16')
})
