/** A video through the whole flow: its CPU against bare ffmpeg and bare onnxruntime, its speed against the encoder alone. */

import { join } from 'node:path'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { EMPTY, lastValueFrom, NEVER } from 'rxjs'
import { type EncoderHandle, startEncoder } from '../src/clip/startEncoder.ts'
import { openSession } from '../src/onnx/session/openSession.ts'
import { pipeline } from '../src/pipeline.ts'
import { decodeCommand } from '../src/sources/ffmpeg/flags.ts'
import { readFile } from '../src/sources/file.ts'
import { imageParts } from '../src/sources/imageParts.ts'
import { startChild } from '../src/util/childProcess.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { quantile } from '../src/util/vector.ts'
import { ownCpuSeconds } from './cpu.ts'
import { filmOptions } from './filmOptions.ts'
import type { Measurement } from './report.ts'
import { makeFootage, type Rig } from './rig.ts'

const SIZE = 224
const BATCH = 8
/** Twenty seconds of film: the start of ffmpeg counts, but not as in a film of two seconds. */
const FRAMES = 200
const ROUNDS = 3
const SNAPSHOT = { longSide: 640, quality: 4 }

interface Bench {
  readonly rig: Rig
  readonly video: string
  readonly encoder: EncoderHandle
  readonly session: InferenceSession
}

/** CPU of the whole over CPU of the parts that cannot be left out. */
export function benchPipeline(rig: Rig): Promise<Measurement> {
  return withBench(rig, async bench => {
    const bare: number[] = []
    const beside: number[] = []
    const quiet: number[] = []
    const whole: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await cpuOf(() => runBare(bench)))
      beside.push(await cpuOf(() => runBeside(bench)))
      quiet.push(await cpuOf(() => runWhole(bench, null)))
      whole.push(await cpuOf(() => runWhole(bench, SNAPSHOT)))
    }
    const over = (base: readonly number[], cpu: readonly number[]) =>
      shareOf(
        cpu.map((seconds, round) => seconds - (base[round] ?? Number.NaN)),
        base,
      )
    const perFrame = (cpu: readonly number[]) => `${((quantile(cpu, 0.5) / FRAMES) * 1000).toFixed(1)} ms`
    return {
      name: 'pipeline',
      title: 'The whole pipeline against its bare parts',
      method: `${FRAMES} frames of a 640x360 video, every frame taken: ffmpeg alone writing raw pictures, then onnxruntime alone on them, against the product’s file reader, gate, encoder, scores, smoothing and rules (16 events) on the same file. ViT-B/32 size, fp32, batches of ${BATCH}; CPU of all threads and of ffmpeg; ${ROUNDS} interleaved rounds.`,
      columns: ['what', 'CPU a frame', 'over bare: median (spread)', 'over bare, both at once', 'target'],
      rows: [
        ['bare ffmpeg, then bare onnxruntime', perFrame(bare), '', '', ''],
        ['the same two at once', perFrame(beside), over(bare, beside), '', ''],
        ['pipeline', perFrame(quiet), over(bare, quiet), over(beside, quiet), '≤ 5 %'],
        [
          'pipeline, with a JPEG of every frame as `detect` makes them',
          perFrame(whole),
          over(bare, whole),
          over(beside, whole),
          '',
        ],
      ],
      notes: [
        'Decoder and encoder at once take caches from each other, which costs CPU that no code accounts for: the second column leaves it out, the target is for the first.',
      ],
    }
  })
}

/** Frames a second of `detect`’s flow on a file, against its encoder with a batch always ready. */
export async function benchDetect(rig: Rig): Promise<Measurement> {
  const rows: (readonly string[])[] = []
  for (const threads of [1, 0]) {
    const where = threads === 1 ? 'encoder on one thread' : 'encoder on all cores'
    rows.push(...(await withBench(rig, bench => speeds(bench, where), threads)))
  }
  return {
    name: 'detect',
    title: '`detect` against its encoder',
    method: `The same ${FRAMES} frames and model: frames a second from opening the file to the last outcome, against the encoder’s worker with the next batch always waiting; ${ROUNDS} interleaved rounds.`,
    columns: ['what', 'frames/s', 'of the encoder: median (spread)', 'target'],
    rows,
    notes: [
      'On one thread (`model.threads: 1`) the encoder is the limit: another core decodes. On all cores it never is the only one: what ffmpeg takes to decode is missing there. The start of ffmpeg is counted against the flow.',
    ],
  }
}

async function speeds(bench: Bench, where: string): Promise<string[][]> {
  const alone: number[] = []
  const quiet: number[] = []
  const whole: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await speedOf(() => runEncoder(bench)))
    quiet.push(await speedOf(() => runWhole(bench, null)))
    whole.push(await speedOf(() => runWhole(bench, SNAPSHOT)))
  }
  const speed = (measured: readonly number[]) => quantile(measured, 0.5).toFixed(1)
  return [
    [`${where}, alone`, speed(alone), '', ''],
    [`${where}: file to outcomes, no JPEGs`, speed(quiet), shareOf(quiet, alone), '≥ 95 %'],
    [`${where}: file to outcomes, with a JPEG of every frame`, speed(whole), shareOf(whole, alone), '≥ 95 %'],
  ]
}

/** Percent of what was measured in the same round: median and spread. */
function shareOf(part: readonly number[], base: readonly number[]): string {
  const shares = part.map((value, round) => (value / (base[round] ?? Number.NaN)) * 100)
  return `${quantile(shares, 0.5).toFixed(1)} % (${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)})`
}

async function withBench<T>(rig: Rig, work: (bench: Bench) => Promise<T>, threads = 0): Promise<T> {
  const video = join(rig.dir, 'video.h264')
  const shape = { width: 640, height: 360, fps: 10, seconds: Math.ceil(FRAMES / 10), keyframeSeconds: 1 }
  await makeFootage(video, rig.ffmpeg, shape)
  const modelDir = await rig.vitB32()
  const encoder = await startEncoder(
    { modelDir, variant: 'fp32', maxBatch: BATCH, provider: 'cpu', threads },
    { emit: () => {} },
  )
  const { session } = await openSession(join(modelDir, 'vision.fp32.onnx'), { threads })
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

async function runBare(bench: Bench): Promise<void> {
  const pixels = await runFfmpeg(bench)
  const length = BATCH * SIZE * SIZE * 3
  for (let start = 0; start + length <= pixels.length; start += length) {
    const batch = new Tensor('uint8', pixels.subarray(start, start + length), [BATCH, SIZE, SIZE, 3])
    await bench.session.run({ pixels: batch })
  }
}

/** As much work, and the same, but nothing passes from one to the other. */
async function runBeside(bench: Bench): Promise<void> {
  await Promise.all([runFfmpeg(bench), runEncoder(bench)])
}

/** The same command as the product's, its output taken as it comes. */
async function runFfmpeg({ rig, video }: Bench): Promise<Buffer> {
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
    ...imageParts({}),
  })
  const child = startChild(rig.ffmpeg.path, { args })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.resume()
  await child.exited
  return Buffer.concat(chunks)
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
    emit(internalEvent: { type: string; size?: number }) {
      if (internalEvent.type === 'BatchEncoded') encoded += internalEvent.size ?? 0
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
  const outcomes$ = pipeline(filmOptions(BATCH), {
    open: () => readFile(read, deps),
    encoder,
    telemetry,
    commands$: EMPTY,
    stop$: NEVER,
  })
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
