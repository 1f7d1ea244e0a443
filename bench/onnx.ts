/** What an export costs, and how much faster our fp32 graph is than the textbook one. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createRandom } from '../src/util/random.ts'
import { cosine, quantile } from '../src/util/vector.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { makeCheckpoint, VIT_B_32 } from './makeCheckpoint.ts'
import type { Measurement } from './report.ts'

const THREADS = 2
const SIZE = VIT_B_32.vision_config.image_size
const DIM = VIT_B_32.projection_dim
const BATCHES = [1, 4, 8]
/** Rounds per batch size: about as many frames each. */
const ROUNDS: Readonly<Record<number, number>> = { 1: 40, 4: 16, 8: 12 }

/** Needs 1.9 GB of disk in the temporary directory, and two to five minutes. */
export async function benchExport(): Promise<Measurement> {
  const { path: dir, remove } = openFolder('watchword-bench-')
  try {
    const checkpoint = join(dir, 'checkpoint')
    await makeCheckpoint(checkpoint)
    const ours = await exportInChild(checkpoint, join(dir, 'ours'))
    const plain = await exportInChild(checkpoint, join(dir, 'plain'))
    const comparisons = await compare(join(dir, 'ours'), join(dir, 'plain'))
    return {
      name: 'export',
      title: 'Export of ViT-B/32: time, memory, speed',
      method:
        'A checkpoint of ViT-B/32’s size with random weights (605 MB, F32) is exported in a process of its own; ' +
        `then both vision graphs encode the same pictures in one process, ${THREADS} threads, in turns there and back.`,
      columns: ['what', 'ours', 'textbook (`--plain`)', 'ratio'],
      rows: [
        ['export, seconds', ours.seconds.toFixed(1), plain.seconds.toFixed(1), ''],
        ['peak resident memory, MB', megabytes(ours.peakBytes), megabytes(plain.peakBytes), ''],
        ...comparisons.map(each => [
          `frames/s at batch ${each.batch}`,
          speed(each.ours),
          speed(each.plain),
          `${quantile(each.ratios, 0.5).toFixed(3)} (${quantile(each.ratios, 0.25).toFixed(3)} – ${quantile(each.ratios, 0.75).toFixed(3)})`,
        ]),
      ],
      notes: [
        `Smallest cosine between both graphs’ embeddings: ${Math.min(...comparisons.map(each => each.cosine)).toFixed(8)}.`,
        'The ratio is the median of the rounds’ own ratios, quartiles in brackets. The textbook graph’s pictures were normalised beforehand; that work in JavaScript is not counted against it.',
      ],
    }
  } finally {
    remove()
  }
}

interface Cost {
  readonly seconds: number
  readonly peakBytes: number
}

async function exportInChild(checkpoint: string, output: string): Promise<Cost> {
  const script = fileURLToPath(new URL('./exportChild.ts', import.meta.url))
  const kind = output.endsWith('plain') ? 'plain' : 'ours'
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, checkpoint, output, kind])
  return JSON.parse(stdout) as Cost
}

interface Comparison {
  readonly batch: number
  /** Seconds per frame, mean of the two turns of a round. */
  readonly ours: readonly number[]
  readonly plain: readonly number[]
  /** Plain over ours within each round: above 1 is faster. */
  readonly ratios: readonly number[]
  readonly cosine: number
}

async function compare(oursDir: string, plainDir: string): Promise<Comparison[]> {
  // As the product opens them: threads that spin after their work would take the other session's core.
  const extra = { session: { intra_op: { allow_spinning: '0' } } }
  const options = { intraOpNumThreads: THREADS, interOpNumThreads: 1, logSeverityLevel: 3, extra } as const
  const ours = await InferenceSession.create(join(oursDir, 'vision.fp32.onnx'), options)
  const plain = await InferenceSession.create(join(plainDir, 'vision.fp32.onnx'), options)
  try {
    const results: Comparison[] = []
    for (const batch of BATCHES) results.push(await compareAt(batch, ours, plain))
    return results
  } finally {
    await ours.release()
    await plain.release()
  }
}

async function compareAt(batch: number, ours: InferenceSession, plain: InferenceSession): Promise<Comparison> {
  const pixels = randomPixels(batch)
  const oursFeeds = { pixels: new Tensor('uint8', pixels, [batch, SIZE, SIZE, 3]) }
  const plainFeeds = { pixel_values: normalised(pixels, batch) }
  const [a, b] = [await ours.run(oursFeeds), await plain.run(plainFeeds)]
  const times = { ours: [] as number[], plain: [] as number[] }
  for (let round = 0; round < (ROUNDS[batch] ?? 20); round++) {
    // There and back: what one leaves behind, and a neighbour's burst, hit both alike.
    const first = await secondsPerFrame(batch, () => ours.run(oursFeeds))
    const second = await secondsPerFrame(batch, () => plain.run(plainFeeds))
    const third = await secondsPerFrame(batch, () => plain.run(plainFeeds))
    const fourth = await secondsPerFrame(batch, () => ours.run(oursFeeds))
    times.ours.push((first + fourth) / 2)
    times.plain.push((second + third) / 2)
  }
  const ratios = times.plain.map((seconds, i) => seconds / (times.ours[i] as number))
  return { batch, ...times, ratios, cosine: smallestCosine(a.image_embeds, b.image_embeds) }
}

async function secondsPerFrame(batch: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000 / batch
}

function randomPixels(batch: number): Uint8Array {
  const random = createRandom('pictures')
  return Uint8Array.from({ length: batch * SIZE * SIZE * 3 }, () => random.integer(0, 255))
}

/** [batch, size, size, 3] bytes → [batch, 3, size, size] floats by CLIP's mean and standard deviation. */
function normalised(pixels: Uint8Array, batch: number): Tensor {
  const mean = [0.48145466, 0.4578275, 0.40821073]
  const std = [0.26862954, 0.26130258, 0.27577711]
  const area = SIZE * SIZE
  const out = new Float32Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) {
    const channel = i % 3
    const place = Math.floor(i / 3)
    const start = (Math.floor(place / area) * 3 + channel) * area
    out[start + (place % area)] = ((pixels[i] as number) / 255 - (mean[channel] as number)) / (std[channel] as number)
  }
  return new Tensor('float32', out, [batch, 3, SIZE, SIZE])
}

function smallestCosine(a: Tensor | undefined, b: Tensor | undefined): number {
  const [left, right] = [a?.data as Float32Array, b?.data as Float32Array]
  const rows = Array.from({ length: left.length / DIM }, (_, i) => [i * DIM, (i + 1) * DIM] as const)
  return Math.min(...rows.map(([start, end]) => cosine(left.subarray(start, end), right.subarray(start, end))))
}

function speed(seconds: readonly number[]): string {
  const rate = (q: number) => (1 / quantile(seconds, q)).toFixed(1)
  return `${rate(0.5)} (${rate(0.75)} – ${rate(0.25)})`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}
