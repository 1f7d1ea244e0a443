/** The stored past: how much disk it takes, how long a search takes, what the novelty filter costs, what the live path pays. */

import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHeldFrames } from '../src/history/heldFrames.ts'
import type { HistoryReader } from '../src/history/history.ts'
import { createHistoryStore } from '../src/history/historyStore.ts'
import { NEAR_COPY } from '../src/history/novelty.ts'
import { openHistoryReader } from '../src/history/openHistoryReader.ts'
import { openHistoryWriter } from '../src/history/openHistoryWriter.ts'
import { historyFolder } from '../src/history/segments.ts'
import type { EncodedFrame } from '../src/types.ts'
import { measureEventLoopDelay } from '../src/util/eventLoopDelay.ts'
import { dot, quantile } from '../src/util/vector.ts'
import { near, seen, unit } from '../test/support/historyFrames.ts'
import { ownCpuSeconds } from './cpu.ts'
import { type Filling, fillHistory } from './historyFill.ts'
import { encodeStreet } from './historyStreet.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const MODEL = { sha256: 'b'.repeat(64), variant: 'int8', dim: 512 } as const
const MONTH_SECONDS = 30 * 86_400
const WEEK: Filling = { cameras: 1, days: 7, vectorsPerDay: 86_400 }
/** What 25 MB of 512 numbers a camera-month are. */
const MONTHS: Filling = { cameras: 16, days: 30, vectorsPerDay: 807 }
const RETENTION = { maxAgeMs: 7 * 86_400_000, maxBytes: 2e9 } as const

export async function benchHistory(rig: Rig, minutes: number): Promise<Measurement> {
  const street = await encodeStreet(rig, minutes)
  return {
    name: 'history',
    title: 'The stored past',
    method: `Disk: ${minutes} minutes of the demo’s street by day at 1 fps with the bundled model, int8 (${street.dim} numbers), through the filter and the store; months are extrapolated, and a vector of 512 numbers is counted as 1,032 bytes. Search: random vectors of 512 numbers; cold: a new thread, page cache dropped where that is allowed. Live path: 16 cameras, 4 fps each, images of 1280x720, something new every 10 s and near copies of it in between, three rounds of 15 s with and without a writer in turn.`,
    columns: ['what', 'measured', 'target'],
    rows: [
      ...(await diskRows(rig, street)),
      ...(await searchRows(
        rig,
        WEEK,
        'search, 1 camera x 7 days x 1 fps, nothing left out',
        '< 1 s cold, < 300 ms warm',
      )),
      ...(await searchRows(rig, MONTHS, 'search, 16 cameras x 30 days, 25 MB each', '< 300 ms warm')),
      ['best 5 of the filtered street that are near copies of the best 5 of everything', agreement(street), '≥ 98 %'],
      ...(await liveRows(rig)),
    ],
    notes: [
      'A camera whose scores are near a threshold stores every vector: “every vector” is the upper bound of the disk.',
    ],
  }
}

type Street = Awaited<ReturnType<typeof encodeStreet>>

async function diskRows(rig: Rig, { frames, dim, nearEvent }: Street): Promise<string[][]> {
  const filtered = await store(join(rig.dir, 'street-filtered'), frames, dim, () => false)
  const near = await store(join(rig.dir, 'street-near'), frames, dim, i => nearEvent[i] ?? false)
  const month = (count: number, bytes: number) =>
    `${(((count / frames.length) * MONTH_SECONDS * bytes) / 1e6).toFixed(0)} MB`
  const still = frames.filter(({ reused }) => reused).length
  const row = (what: string, { vectors }: Stored, target: string) => [
    what,
    `${vectors} of ${frames.length} frames: ${month(vectors, 2 * dim + 8)} a month (512 numbers: ${month(vectors, 1032)})`,
    target,
  ]
  return [
    [
      'a view on disk without its thumbnail, 512 numbers',
      `1,032 bytes and ${near.frameBytes.toFixed(1)} for its frame`,
      '≤ 1.2 KB',
    ],
    ['frames that reused an embedding', `${still} of ${frames.length}`, ''],
    row(`street: vectors, cosine below ${NEAR_COPY} to the last one`, filtered, '≤ 25 MB a month'),
    row('street: vectors, with all of them near an event', near, ''),
    row('street: every vector', { vectors: frames.length, frameBytes: 0 }, ''),
  ]
}

interface Stored {
  readonly vectors: number
  /** Bytes of the frames file, a frame, before its segment has ended. */
  readonly frameBytes: number
}

/** The live path's filter and store, on the frames' own clock. */
async function store(
  dataDir: string,
  frames: readonly EncodedFrame[],
  dim: number,
  isNear: (i: number) => boolean,
): Promise<Stored> {
  let now = 0
  const held = createHeldFrames({ camera: 'street', holdMs: 5000, thumbnails: false, dim, now: () => now })
  const disk = createHistoryStore({ dataDir, model: { ...MODEL, dim }, ...RETENTION })
  let vectors = 0
  const write = async (all: boolean) => {
    const batch = held.release(all)
    if (batch !== null) vectors += (await disk.write(batch)).vectors
  }
  for (const [i, frame] of frames.entries()) {
    now = frame.frame.capturedAt
    held.take(frame)
    if (isNear(i)) held.keepExact()
    await write(false)
  }
  await write(true)
  disk.close()
  return { vectors, frameBytes: bytesOf(dataDir, 'frames') / frames.length }
}

async function searchRows(rig: Rig, filling: Filling, what: string, target: string): Promise<string[][]> {
  const dataDir = join(rig.dir, 'search')
  fillHistory(dataDir, MODEL, filling)
  const isDropped = dropPageCache()
  const reader = openHistoryReader({ dataDir, model: MODEL })
  try {
    const cold = await timed(reader, 0)
    const warm: number[] = []
    for (let i = 1; i <= 9; i++) warm.push(await timed(reader, i))
    const vectors = (filling.cameras * filling.days * filling.vectorsPerDay).toLocaleString('en')
    const spread = `${Math.min(...warm).toFixed(0)}–${Math.max(...warm).toFixed(0)}`
    const measured = `cold ${cold.toFixed(0)} ms${isDropped ? '' : ' (page cache not dropped)'}, warm ${quantile(warm, 0.5).toFixed(0)} ms (${spread})`
    return [[`${what}: ${vectors} vectors`, measured, target]]
  } finally {
    await reader.close()
    rmSync(dataDir, { recursive: true })
  }
}

async function timed(reader: HistoryReader, seed: number): Promise<number> {
  const startedAt = performance.now()
  await reader.search({ direction: unit(seed, MODEL.dim), limit: 20 })
  return performance.now() - startedAt
}

/** Takes root. */
function dropPageCache(): boolean {
  try {
    execFileSync('sh', ['-c', 'sync; echo 3 > /proc/sys/vm/drop_caches'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Of each phrase’s best 5 among all frames: is it, or what it is a near copy of, among the best 5 of what is kept? */
function agreement({ frames, directions }: Street): string {
  const all = frames.filter(({ reused }) => !reused).map(({ embedding }) => embedding)
  const kept: Float32Array[] = []
  const keptFor = all.map(vector => {
    const last = kept.at(-1)
    if (last === undefined || dot(last, vector) < NEAR_COPY) kept.push(vector)
    return kept.length - 1
  })
  const best = (vectors: readonly Float32Array[], direction: Float32Array) =>
    vectors
      .map((vector, i) => [i, dot(vector, direction)] as const)
      .sort((a, b) => b[1] - a[1])
      .map(([i]) => i)
  let [found, wanted] = [0, 0]
  for (const direction of directions) {
    // Near moments are one hit: the best five spans, not five frames of one span.
    const spans = [...new Set(best(all, direction).map(i => keptFor[i]))].slice(0, 5)
    const filtered = best(kept, direction).slice(0, 5)
    wanted += spans.length
    found += spans.filter(span => filtered.includes(span ?? -1)).length
  }
  return `${((100 * found) / wanted).toFixed(1)} % of ${wanted}`
}

async function liveRows(rig: Rig): Promise<string[][]> {
  const rounds: Record<'with' | 'without', { cpu: number; p99: number }[]> = { with: [], without: [] }
  for (let i = 0; i < 3; i++) for (const kind of ['without', 'with'] as const) rounds[kind].push(await round(rig, kind))
  const median = (kind: 'with' | 'without', key: 'cpu' | 'p99') =>
    quantile(
      rounds[kind].map(each => each[key]),
      0.5,
    )
  const cpu = median('with', 'cpu') - median('without', 'cpu')
  return [
    [
      'CPU of the writer, its thread and thumbnails included, 64 frames/s',
      `${(100 * cpu).toFixed(1)} % of a core`,
      '≤ 2 % of 2 cores',
    ],
    [
      'event-loop delay, p99',
      `without ${median('without', 'p99').toFixed(1)} ms, with ${median('with', 'p99').toFixed(1)} ms`,
      'unchanged',
    ],
  ]
}

const WARM_UP_MS = 5000
const ROUND_MS = 15_000
/** A camera shows something new every ten seconds: as often as it may have a thumbnail. */
const SCENE_FRAMES = 40
const LIVE = { cameras: 16, fps: 4 } as const

async function round(rig: Rig, kind: 'with' | 'without'): Promise<{ cpu: number; p99: number }> {
  const dataDir = join(rig.dir, 'live')
  const deps = { telemetry: { emit: () => {} }, health: { failed: console.error, worked: () => {} } }
  const options = { dataDir, model: MODEL, ...RETENTION, thumbnails: true, ...deps }
  const writer = kind === 'with' ? openHistoryWriter(options) : null
  const jpeg = new Uint8Array(await thumbnailSized())
  const play = async (forMs: number, first: number): Promise<number> => {
    const startedAt = performance.now()
    let frame = first
    for (; performance.now() - startedAt < forMs; frame++) {
      for (let camera = 0; camera < LIVE.cameras; camera++) {
        const vector = near(unit(camera + Math.floor(frame / SCENE_FRAMES), MODEL.dim), 0.996, frame)
        writer?.take(seen(`camera${camera}`, Date.now(), vector, { jpeg: jpeg.slice(), size: 224 }))
      }
      await sleep(Math.max(0, startedAt + ((frame + 1 - first) * 1000) / LIVE.fps - performance.now()))
    }
    return frame
  }
  // The thread starts, and every camera has its first thumbnails.
  const first = await play(WARM_UP_MS, 0)
  const delay = measureEventLoopDelay()
  const before = ownCpuSeconds()
  await play(ROUND_MS, first)
  const cpu = (ownCpuSeconds() - before) / (ROUND_MS / 1000)
  const p99 = 1000 * delay.takeP99Seconds()
  delay.close()
  await writer?.close()
  rmSync(dataDir, { recursive: true, force: true })
  return { cpu, p99 }
}

async function thumbnailSized(): Promise<Buffer> {
  const { createCanvas } = await import('@napi-rs/canvas')
  const canvas = createCanvas(1280, 720)
  const context = canvas.getContext('2d')
  for (let i = 0; i < 3000; i++) {
    context.fillStyle = `hsl(${(i * 137) % 360} 60% 50%)`
    context.fillRect((i * 7919) % 1280, (i * 104_729) % 720, 40, 30)
  }
  return canvas.encode('jpeg', 75)
}

function bytesOf(dataDir: string, part: string): number {
  const names = readdirSync(historyFolder(dataDir), { recursive: true, encoding: 'utf8' })
  return names
    .filter(name => name.endsWith(part))
    .reduce((sum, name) => sum + statSync(join(historyFolder(dataDir), name)).size, 0)
}
