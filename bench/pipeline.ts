/** What the flow around the encoder costs: the gate per frame, and everything else against the encoder alone. */

import { EMPTY, lastValueFrom, NEVER } from 'rxjs'
import { lumaBlocks, wholeGrid } from '../src/operators/markStill/lumaBlocks.ts'
import { type SceneState, sceneStep } from '../src/operators/markStill/sceneStep.ts'
import { pipeline } from '../src/pipeline.ts'
import type { EncodedBatch, Encoder, Frame, Signal } from '../src/types.ts'
import { createRandom } from '../src/util/random.ts'
import { quantile } from '../src/util/vector.ts'
import { DIM, filmOptions } from './filmOptions.ts'
import type { Measurement } from './report.ts'

const SIZE = 224
const BATCH = 8
const FRAMES = 200
const ROUNDS = 5

/** Milliseconds of the gate per 224x224 frame with sensor noise, median and p99. */
export function benchGate(): Measurement {
  const frames = noisyPictures(32)
  const options = { threshold: 0.004, refreshMs: 10_000 }
  const times: number[] = []
  let state: SceneState | null = null
  for (let i = 0; i < 2200; i++) {
    const pixels = frames[i % frames.length] ?? new Uint8Array(SIZE * SIZE * 3)
    const startedAt = performance.now()
    const [next] = sceneStep(state, lumaBlocks(pixels, { width: SIZE, height: SIZE }, wholeGrid(SIZE)), i * 40, options)
    // The first ones run before the compiler has looked at them.
    if (i >= 200) times.push(performance.now() - startedAt)
    state = next
  }
  return {
    name: 'gate',
    title: 'The gate',
    method: `${times.length} noisy frames of ${SIZE}x${SIZE} through \`lumaBlocks\` and \`sceneStep\`, one after the other.`,
    columns: ['per frame', 'median', 'p99', 'target'],
    rows: [['gate', ms(quantile(times, 0.5)), ms(quantile(times, 0.99)), '< 0.3 ms']],
    notes: [],
  }
}

/**
 * CPU of the whole flow on a file against the bare encoder on the same batches, in interleaved rounds. The encoder is a
 * fake that computes for a given time, so that the difference is the flow's.
 */
export async function benchPipelineOverhead(): Promise<Measurement> {
  const rows: (string | number)[][] = []
  for (const perFrameMs of [5, 20]) {
    const bare: number[] = []
    const whole: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await cpuOf(() => encodeBare(busyEncoder(perFrameMs))))
      whole.push(await cpuOf(() => runPipeline(busyEncoder(perFrameMs))))
    }
    const overhead = whole.map((cpu, round) => cpu / (bare[round] ?? Number.NaN) - 1)
    const flowMs = whole.map((cpu, round) => (cpu - (bare[round] ?? Number.NaN)) / FRAMES)
    rows.push([
      `${perFrameMs} ms a frame`,
      ms(quantile(bare, 0.5) / FRAMES),
      ms(quantile(whole, 0.5) / FRAMES),
      ms(quantile(flowMs, 0.5)),
      `${percent(quantile(overhead, 0.5))} (${percent(Math.min(...overhead))} to ${percent(Math.max(...overhead))})`,
    ])
  }
  return {
    name: 'flow',
    title: 'The flow around the encoder',
    method: `${FRAMES} frames of ${SIZE}x${SIZE} in batches of ${BATCH}, none still, 16 events with a shared background: CPU time of gate, batching, scores, smoothing and rules together with a fake encoder of known cost, against that encoder alone; ${ROUNDS} interleaved rounds.`,
    columns: ['encoder', 'alone', 'with the flow', 'flow', 'overhead: median (spread)'],
    rows,
    notes: [],
  }
}

/** CPU milliseconds of this process, all threads. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function encodeBare(encoder: Encoder): Promise<void> {
  const frames = noisyPictures(FRAMES)
  for (let i = 0; i < FRAMES; i += BATCH) await encoder.encode(frames.slice(i, i + BATCH))
}

async function runPipeline(encoder: Encoder): Promise<void> {
  const frames = noisyPictures(FRAMES)
  async function* film(): AsyncGenerator<Signal<Frame>> {
    for (const [seq, pixels] of frames.entries()) {
      const rest = { size: SIZE, jpeg: null, detail: null, zoneImages: new Map(), problem: null }
      yield { kind: 'frame', camera: 'film', seq, capturedAt: seq * 200, pixels, ...rest }
    }
  }
  const outcomes$ = pipeline(filmOptions(BATCH), {
    open: film,
    encoder,
    telemetry: { emit: () => {} },
    commands$: EMPTY,
    stop$: NEVER,
  })
  await lastValueFrom(outcomes$)
}

/** Computes for `perFrameMs` of this thread per picture. */
function busyEncoder(perFrameMs: number): Encoder {
  const random = createRandom('embeddings')
  return {
    maxBatch: BATCH,
    async encode(pictures): Promise<EncodedBatch> {
      const from = process.cpuUsage()
      const wantedMicros = pictures.length * perFrameMs * 1000
      const spent = () => {
        const { user, system } = process.cpuUsage(from)
        return user + system
      }
      while (spent() < wantedMicros);
      const embeddings = pictures.map(() => Float32Array.from({ length: DIM }, () => random.normal(0, 0.04)))
      return { variant: 'fake', embeddings, seconds: wantedMicros / 1e6 }
    },
  }
}

function noisyPictures(count: number): Uint8Array<ArrayBuffer>[] {
  const random = createRandom('pictures')
  const noise = Uint8Array.from({ length: 4096 }, () => 90 + random.integer(0, 24))
  return Array.from({ length: count }, (_, i) => {
    const pixels = new Uint8Array(SIZE * SIZE * 3)
    for (let p = 0; p < pixels.length; p += noise.length) pixels.set(noise.subarray(0, pixels.length - p), p)
    pixels.fill(200, (i % SIZE) * SIZE * 3, ((i % SIZE) + 1) * SIZE * 3)
    return pixels
  })
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
