/** The whole product under load: many cameras, an idle one, far too much, and the demo. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../src/util/vector.ts'
import { countsSince, DROP_REASONS, type FrameCounts, frameCounts } from '../test/support/frameCounts.ts'
import type { Product } from '../test/support/product.ts'
import { slope } from '../test/support/slope.ts'
import { until } from '../test/support/until.ts'
import { residentBytes, treeCpuSeconds } from './cpu.ts'
import { startReplay } from './replay.ts'
import type { Measurement } from './report.ts'
import { makeFootage, type Rig } from './rig.ts'
import { startBuild } from './startBuild.ts'

const STARTS_WITHIN_MS = 120_000

/** 16 cameras of 1 fps on one process with the bundled model. */
export async function benchCameras(rig: Rig): Promise<Measurement> {
  const [cameras, seconds] = [16, 60]
  const clip = join(rig.dir, 'cameras.h264')
  await makeFootage(clip, rig.ffmpeg, { width: 640, height: 360, fps: 10, seconds: 20, keyframeSeconds: 1 })
  const replay = await startReplay({ clip, fps: 10, cameras })
  const product = await startBuild(configOf(replay.urls, { fps: 1 }), await rig.data())
  try {
    await camerasUp(product, cameras)
    const before = frameCounts(await product.metrics())
    const cpuBefore = treeCpuSeconds(pidOf(product))
    await sleep(seconds * 1000)
    const cpu = treeCpuSeconds(pidOf(product)) - cpuBefore
    const counts = countsSince(before, frameCounts(await product.metrics()))
    const drops = dropsOf(counts)
    return {
      name: 'cameras',
      title: '16 cameras, one process',
      method: `${cameras} RTSP cameras (640x360, 10 frames a second, a keyframe a second) sampled at 1 fps by \`watchword run\` with the bundled model, int8, gate on, all sinks on, ${seconds} s after the last one was online. The cameras replay one encoded clip.`,
      columns: ['what', 'measured', 'target'],
      rows: [
        ['frames received', counts.received, `${cameras * seconds} wanted`],
        ['encoded / still', `${counts.encoded} / ${counts.skipped}`, ''],
        ['dropped, by reason', drops, 'none'],
        [
          'received − encoded − still − dropped',
          counts.received - counts.encoded - counts.skipped - counts.dropped,
          `0, or at most 2 a camera on their way`,
        ],
        ['cameras lost', await product.metric('watchword_camera_reconnects_total'), 0],
        ['CPU, ffmpeg included', `${(cpu / seconds).toFixed(2)} cores`, '2 cores there are'],
        ['resident memory of Node', `${(residentBytes(pidOf(product)) / 1e6).toFixed(0)} MB`, ''],
      ],
      notes: [],
    }
  } finally {
    await product.stop()
    await replay.close()
  }
}

/** One camera of 1080p25 that shows a static scene. */
export async function benchIdle(rig: Rig): Promise<Measurement> {
  const [window, windows] = [20, 3]
  const clip = join(rig.dir, 'idle.h264')
  const shape = { width: 1920, height: 1080, fps: 25, seconds: 8, keyframeSeconds: 2 }
  await makeFootage(clip, rig.ffmpeg, { ...shape, still: true })
  const replay = await startReplay({ clip, fps: 25, cameras: 1 })
  const config = configOf(replay.urls, { fps: 0.5, decode: 'keyframes' })
  const product = await startBuild(config, await rig.data())
  try {
    await until(
      async () => (await product.metric('watchword_frames_skipped_total')) > 2,
      'frames are skipped',
      STARTS_WITHIN_MS,
    )
    const before = frameCounts(await product.metrics())
    const perMinute: number[] = []
    for (let i = 0; i < windows; i++) {
      const from = treeCpuSeconds(pidOf(product))
      await sleep(window * 1000)
      perMinute.push(((treeCpuSeconds(pidOf(product)) - from) * 60) / window)
    }
    const counts = countsSince(before, frameCounts(await product.metrics()))
    return {
      name: 'idle',
      title: 'One idle camera, the whole product',
      method: `A static 1920x1080 scene with sensor noise (25 frames a second, a keyframe every 2 s) over RTSP, \`decode: keyframes\`, 0.5 fps, gate on, in \`watchword run\` with the bundled model; CPU of Node and ffmpeg together in ${windows} windows of ${window} s.`,
      columns: ['what', 'median', 'spread', 'target'],
      rows: [
        ['CPU-s a minute, ffmpeg included', quantile(perMinute, 0.5).toFixed(2), spread(perMinute), '≤ 1.6'],
        ['frames received / encoded / still', `${counts.received} / ${counts.encoded} / ${counts.skipped}`, '', ''],
      ],
      notes: [],
    }
  } finally {
    await product.stop()
    await replay.close()
  }
}

/** About ten times what the encoder can take. */
export async function benchOverload(rig: Rig, minutes: number): Promise<Measurement> {
  const [cameras, fps, settleSeconds] = [6, 10, 20]
  const clip = join(rig.dir, 'overload.h264')
  await makeFootage(clip, rig.ffmpeg, { width: 640, height: 360, fps, seconds: 20, keyframeSeconds: 1 })
  const model = { name: await rig.vitB16(), variant: 'fp32' }
  const replay = await startReplay({ clip, fps, cameras })
  const watched = { fps, decode: 'all', motion: { enabled: false } }
  const product = await startBuild({ ...configOf(replay.urls, watched), model }, null)
  try {
    await camerasUp(product, cameras)
    await sleep(settleSeconds * 1000)
    const before = frameCounts(await product.metrics())
    const memory: [minute: number, megabytes: number][] = []
    let mostOnTheWay = 0
    const startedAt = performance.now()
    for (let minute = 0; minute < minutes; minute = (performance.now() - startedAt) / 60_000) {
      memory.push([minute, residentBytes(pidOf(product)) / 1e6])
      mostOnTheWay = Math.max(mostOnTheWay, await product.metric('watchword_frames_in_flight'))
      await sleep(2000)
    }
    const counts = countsSince(before, frameCounts(await product.metrics()))
    const megabytes = memory.map(([, value]) => value)
    const drops = dropsOf(counts)
    const offered = counts.received / (counts.encoded + counts.skipped)
    return {
      name: 'overload',
      title: 'Ten times too much',
      method: `${cameras} RTSP cameras at ${fps} fps, gate off, into \`watchword run\` with an encoder of ViT-B/16’s size (fp32, random weights) for ${minutes} minutes, after ${settleSeconds} s to settle. \`npm run bench -- overload --minutes 10\` runs longer.`,
      columns: ['what', 'measured', 'target'],
      rows: [
        ['received / encoded', `${counts.received} / ${counts.encoded} = ${offered.toFixed(1)}x`, 'about 10x'],
        ['dropped, by reason', drops, 'stale alone'],
        [
          'received − encoded − still − dropped',
          counts.received - counts.encoded - counts.skipped - counts.dropped,
          `0 ± ${2 * cameras} on their way`,
        ],
        ['most frames on their way', mostOnTheWay, `≤ ${2 * cameras}: one waits, one flies, a camera`],
        ['resident memory of Node', `${quantile(megabytes, 0.5).toFixed(0)} MB (${spread(megabytes)})`, ''],
        ['its slope', `${slope(memory).toFixed(2)} MB a minute`, 'flat'],
        ['cameras lost', await product.metric('watchword_camera_reconnects_total'), 0],
      ],
      notes: [],
    }
  } finally {
    await product.stop()
    await replay.close()
  }
}

/** `npm start`: three drawn cameras, broker, bundled model. */
export async function benchDemoCpu(rig: Rig): Promise<Measurement> {
  const [window, windows] = [15, 3]
  const product = await startBuild(null, await rig.data())
  try {
    await camerasUp(product, 3)
    await sleep(5000)
    const before = frameCounts(await product.metrics())
    const cores: number[] = []
    for (let i = 0; i < windows; i++) {
      const from = treeCpuSeconds(pidOf(product))
      await sleep(window * 1000)
      cores.push((treeCpuSeconds(pidOf(product)) - from) / window)
    }
    const counts = countsSince(before, frameCounts(await product.metrics()))
    return {
      name: 'demo-cpu',
      title: '`npm start`',
      method: `Three demo cameras (640x360, 10 fps drawn, encoded, served, read at 4 fps) with the bundled model, int8 with fp32 as shadow, embedded broker, in ${windows} windows of ${window} s: CPU of Node and all ffmpegs.`,
      columns: ['what', 'median', 'spread', 'target'],
      rows: [
        ['CPU, rendering included', `${quantile(cores, 0.5).toFixed(2)} cores`, spread(cores), '≤ 1 core'],
        ['frames received / encoded / still', `${counts.received} / ${counts.encoded} / ${counts.skipped}`, '', ''],
      ],
      notes: [],
    }
  } finally {
    await product.stop()
  }
}

/** From nothing to an event. */
export async function benchFirstEvent(): Promise<Measurement> {
  const seconds: number[] = []
  for (let round = 0; round < 3; round++) {
    const product = await startBuild(null, null)
    try {
      seconds.push((await product.says(/ {2}began {2}score/, STARTS_WITHIN_MS)) / 1000)
    } finally {
      await product.stop()
    }
  }
  return {
    name: 'first-event',
    title: 'From nothing to the first event',
    method:
      '`watchword run` without a config in an empty data directory, so the bundled model is exported and quantized first; seconds until the first line about an event, 3 times.',
    columns: ['what', 'median', 'spread', 'target'],
    rows: [['seconds to the first event', quantile(seconds, 0.5).toFixed(1), spread(seconds), '≤ 60']],
    notes: [],
  }
}

function configOf(urls: readonly string[], camera: object): object {
  const cameras = Object.fromEntries(urls.map((url, i) => [`camera${i}`, { ...camera, url }]))
  return { cameras, metrics: { port: 0 }, log: { format: 'pretty' } }
}

function camerasUp(product: Product, cameras: number): Promise<void> {
  const areUp = async () => (await product.metric('watchword_camera_up')) === cameras
  return until(areUp, `${cameras} cameras are online`, STARTS_WITHIN_MS)
}

function pidOf({ child }: Product): number {
  return child.pid ?? 0
}

function dropsOf({ droppedFor }: FrameCounts): string {
  return DROP_REASONS.map(reason => `${reason} ${droppedFor[reason]}`).join(', ')
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} – ${Math.max(...values).toFixed(2)}`
}
