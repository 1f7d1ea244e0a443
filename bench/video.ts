/** A video through the whole flow: its CPU against bare ffmpeg and bare onnxruntime, its speed against the encoder alone. */

import { join } from 'node:path'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { EMPTY, lastValueFrom, NEVER } from 'rxjs'
import { type EncoderHandle, startEncoder } from '../src/clip/encoder.ts'
import { openSession } from '../src/clip/providers.ts'
import { pipeline } from '../src/pipeline.ts'
import { decodeCommand } from '../src/sources/ffmpeg/flags.ts'
import { readFile } from '../src/sources/file.ts'
import { startChild } from '../src/util/child.ts'
import { createRedactor } from '../src/util/redact.ts'
import { quantile } from '../src/util/vector.ts'
import { ownCpuSeconds } from './cpu.ts'
import { planOfSixteen } from './pipeline.ts'
import type { Measurement } from './report.ts'
import { makeFootage, type Rig } from './rig.ts'

const SIZE = 224
const BATCH = 8
const FRAMES = 96
const ROUNDS = 3
const SNAPSHOT = { longSide: 640, quality: 4 }

interface Bench {
  readonly rig: Rig
  readonly video: string
  readonly encoder: EncoderHandle
  readonly session: InferenceSession
}

/** CPU of the whole over CPU of the parts that can't be left out. */
export function benchPipeline(rig: Rig): Promise<Measurement> {
  return withBench(rig, async bench => {
    const bare: number[] = []
    const quiet: number[] = []
    const whole: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await cpuOf(() => runBare(bench)))
      quiet.push(await cpuOf(() => runWhole(bench, null)))
      whole.push(await cpuOf(() => runWhole(bench, SNAPSHOT)))
    }
    const over = (cpu: readonly number[]) => {
      const shares = cpu.map((seconds, round) => (seconds / (bare[round] ?? Number.NaN) - 1) * 100)
      return `${quantile(shares, 0.5).toFixed(1)} % (${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)})`
    }
    const perFrame = (cpu: readonly number[]) => `${((quantile(cpu, 0.5) / FRAMES) * 1000).toFixed(1)} ms`
    return {
      name: 'pipeline',
      title: 'The whole pipeline against its bare parts',
      method: `${FRAMES} frames of a 640x360 video, every frame taken: ffmpeg alone writing raw pictures, then onnxruntime alone on them, against the product’s file reader, gate, encoder, scores, smoothing and rules (16 events) on the same file. ViT-B/32 size, fp32, batches of ${BATCH}; CPU of all threads and of ffmpeg; ${ROUNDS} interleaved rounds.`,
      columns: ['what', 'CPU a frame', 'over bare: median (spread)', 'target'],
      rows: [
        ['bare ffmpeg and bare onnxruntime', perFrame(bare), '', ''],
        ['pipeline', perFrame(quiet), over(quiet), '≤ 5 %'],
        ['pipeline, with a JPEG of every frame as `detect` makes them', perFrame(whole), over(whole), ''],
      ],
      notes: [],
    }
  })
}

/** Frames a second of `detect`’s flow on a file, against its encoder with a batch always ready. */
export function benchDetect(rig: Rig): Promise<Measurement> {
  return withBench(rig, async bench => {
    const alone: number[] = []
    const quiet: number[] = []
    const whole: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await speedOf(() => runEncoder(bench)))
      quiet.push(await speedOf(() => runWhole(bench, null)))
      whole.push(await speedOf(() => runWhole(bench, SNAPSHOT)))
    }
    const share = (speeds: readonly number[]) => {
      const shares = speeds.map((speed, round) => (speed / (alone[round] ?? Number.NaN)) * 100)
      return `${quantile(shares, 0.5).toFixed(1)} % (${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)})`
    }
    const speed = (speeds: readonly number[]) => quantile(speeds, 0.5).toFixed(1)
    return {
      name: 'detect',
      title: '`detect` against its encoder',
      method: `The same ${FRAMES} frames and model: frames a second from opening the file to the last outcome, against the encoder’s worker with the next batch always waiting; ${ROUNDS} interleaved rounds.`,
      columns: ['what', 'frames/s', 'of the encoder: median (spread)', 'target'],
      rows: [
        ['encoder alone', speed(alone), '', ''],
        ['file to outcomes, no JPEGs', speed(quiet), share(quiet), '≥ 95 %'],
        ['file to outcomes, with a JPEG of every frame', speed(whole), share(whole), '≥ 95 %'],
      ],
      notes: [
        'On two cores the decoder and the encoder share the same cores, so that the encoder is never the only limit: what ffmpeg takes is missing there. The start of ffmpeg is counted against the flow.',
      ],
    }
  })
}

async function withBench(rig: Rig, work: (bench: Bench) => Promise<Measurement>): Promise<Measurement> {
  const video = join(rig.dir, 'video.h264')
  const shape = { width: 640, height: 360, fps: 10, seconds: Math.ceil(FRAMES / 10), keyframeSeconds: 1 }
  await makeFootage(video, rig.ffmpeg, shape)
  const modelDir = await rig.vitB32()
  const encoder = await startEncoder(
    { modelDir, variant: 'fp32', maxBatch: BATCH, provider: 'cpu' },
    { emit: () => {} },
  )
  const { session } = await openSession(join(modelDir, 'vision.fp32.onnx'), { provider: 'cpu', threads: 0 })
  const bench = { rig, video, encoder, session }
  try {
    await runBare(bench)
    await runWhole(bench, null)
    return await work(bench)
  } finally {
    await encoder.close()
    await session.release()
  }
}

/** The same ffmpeg command as the product's, its output taken as it comes, then batch after batch. */
async function runBare({ rig, video, session }: Bench): Promise<void> {
  const { args } = decodeCommand(rig.ffmpeg, {
    input: { kind: 'file', path: video, realtime: false, loop: false },
    sampling: 'all',
    size: SIZE,
    fit: 'stretch',
    keyframesOnly: false,
    times: false,
    snapshot: null,
    maxFrames: FRAMES,
    hwaccel: null,
  })
  const child = startChild(rig.ffmpeg.path, { args })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.resume()
  await child.exited
  const pixels = Buffer.concat(chunks)
  const length = BATCH * SIZE * SIZE * 3
  for (let start = 0; start + length <= pixels.length; start += length) {
    const batch = new Tensor('uint8', pixels.subarray(start, start + length), [BATCH, SIZE, SIZE, 3])
    await session.run({ pixels: batch })
  }
}

async function runEncoder({ encoder }: Bench): Promise<void> {
  const batch = () => Array.from({ length: BATCH }, () => new Uint8Array(SIZE * SIZE * 3).fill(90))
  let running = encoder.encode(batch())
  for (let sent = BATCH; sent < FRAMES; sent += BATCH) {
    const next = encoder.encode(batch())
    await running
    running = next
  }
  await running
}

async function runWhole({ rig, video, encoder }: Bench, snapshot: typeof SNAPSHOT | null): Promise<void> {
  let encoded = 0
  const telemetry = {
    emit(happening: { type: string; size?: number }) {
      if (happening.type === 'BatchEncoded') encoded += happening.size ?? 0
    },
  }
  const deps = { ffmpeg: rig.ffmpeg, redact: createRedactor(), telemetry }
  const read = {
    camera: 'film',
    path: video,
    sampling: 'all',
    size: SIZE,
    fit: 'stretch',
    snapshot,
    maxFrames: FRAMES,
  } as const
  const outcomes$ = pipeline(
    {
      plan: planOfSixteen(),
      scoring: 'two-way',
      maxBatch: BATCH,
      deadlineMs: 100,
      lossless: true,
      updateEveryMs: 0,
      gapMs: 30_000,
    },
    { open: () => readFile(read, deps), encoder, telemetry, controls$: EMPTY, stop$: NEVER },
  )
  await lastValueFrom(outcomes$)
  if (encoded !== FRAMES) throw new Error(`Expected ${FRAMES} frames to be encoded, got ${encoded}`)
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = ownCpuSeconds()
  await work()
  return ownCpuSeconds() - before
}

async function speedOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return FRAMES / ((performance.now() - startedAt) / 1000)
}
