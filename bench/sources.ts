/** What an idle camera costs: one 1080p25 H.264 stream over RTSP, with every frame decoded or keyframes alone, and its parts. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { firstValueFrom, share } from 'rxjs'
import { findFfmpeg } from '../src/sources/ffmpeg/findFfmpeg.ts'
import { type ImageParts, imageParts } from '../src/sources/imageParts.ts'
import { type RtspOptions, rtsp } from '../src/sources/rtsp.ts'
import type { Point } from '../src/types.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { childrenWith } from '../test/support/processes.ts'
import { startRtspServer } from '../test/support/rtspServer.ts'
import type { Measurement } from './report.ts'

const WINDOW_S = 12
const ROUNDS = 3
const TICKS_PER_SECOND = 100

const HEDGE: readonly Point[] = [
  [0, 0.1],
  [0.25, 0.05],
  [0.3, 0.5],
  [0.05, 0.6],
]
const WINDOW: readonly Point[] = [
  [0.7, 0.2],
  [0.9, 0.25],
  [0.88, 0.45],
  [0.71, 0.4],
]
const ZONES = [
  { name: 'hedge', polygon: HEDGE },
  { name: 'window', polygon: WINDOW },
]

const PARTS: Readonly<Record<string, Partial<ImageParts>>> = {
  'whole image': {},
  'and detail': { detailHeight: 672 },
  'whole image, 2 masks': { masks: [HEDGE, WINDOW] },
  'and detail, 2 zones': { detailHeight: 672, zones: ZONES },
  'and detail, 2 zones, 2 masks': { detailHeight: 672, zones: ZONES, masks: [HEDGE, WINDOW] },
}

const MODES = [
  ['keyframes', 0.5],
  ['all', 1],
] as const

/** Linux only: CPU time of children is read from /proc. Takes about seven minutes, most of it waiting. */
export async function benchIdleCamera(): Promise<Measurement> {
  const folder = openFolder('watchword-bench-')
  const ffmpeg = await findFfmpeg()
  const video = join(folder.path, 'camera.h264')
  const scene = 'testsrc2=s=1920x1080:r=25:d=20,noise=alls=6:allf=t'
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '50', '-keyint_min', '50', '-b:v', '4M']
  const encode = ['-v', 'error', '-f', 'lavfi', '-i', scene, ...codec, '-pix_fmt', 'yuv420p', '-f', 'h264', video]
  execFileSync(ffmpeg.path, encode)
  const server = await startRtspServer({ video, fps: 25 })
  try {
    const rows: (readonly (string | number)[])[] = []
    for (const [decode, fps] of MODES) rows.push(...(await compareParts({ ffmpeg, url: server.url, decode, fps })))
    return {
      name: 'idle-camera',
      title: 'An idle camera',
      method: `One 1920x1080 H.264 stream (25 frames a second, 4 Mbit/s, a keyframe every 2 s) over RTSP/TCP into pictures of 224x224 with ffmpeg ${ffmpeg.version.major}.${ffmpeg.version.minor}: the median of ${ROUNDS} windows of ${WINDOW_S} s each, taken in turns, each after the first picture, scaled to a minute. A detail is 1194x672; no snapshots.`,
      columns: ['decode', 'fps', 'delivers', 'ffmpeg, CPU-s a minute', 'Node, CPU-s a minute', 'sum', 'ratio'],
      rows,
      notes: [
        'The RTSP server is another process and not counted. Node’s share is the source alone: no gate, no model.',
      ],
    }
  } finally {
    await server.stop()
    folder.remove()
  }
}

/** One row for each of `PARTS`, beside the whole image alone. */
async function compareParts(camera: Omit<Camera, 'parts'>): Promise<(string | number)[][]> {
  const names = Object.keys(PARTS)
  const spent = new Map(names.map(name => [name, [] as Spent[]]))
  for (let round = 0; round < ROUNDS; round++)
    for (const name of names) spent.get(name)?.push(await spend({ ...camera, parts: imageParts(PARTS[name] ?? {}) }))
  const medianOf = (name: string, of: (spent: Spent) => number) => median((spent.get(name) ?? []).map(of))
  const sum = ({ child, own }: Spent) => child + own
  const alone = medianOf('whole image', sum)
  return names.map(name => [
    camera.decode,
    camera.fps,
    name,
    ...[({ child }: Spent) => child, ({ own }: Spent) => own, sum].map(of => medianOf(name, of).toFixed(2)),
    `${(medianOf(name, sum) / alone).toFixed(2)}x`,
  ])
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

interface Spent {
  readonly child: number
  readonly own: number
}

type Camera = Pick<RtspOptions, 'url' | 'decode' | 'fps'> & {
  readonly ffmpeg: Awaited<ReturnType<typeof findFfmpeg>>
  readonly parts: ImageParts
}

/** CPU-seconds a minute of the ffmpeg child and of this process while the camera runs. */
async function spend({ ffmpeg, parts, ...camera }: Camera): Promise<Spent> {
  const options = {
    camera: 'bench',
    transport: 'tcp',
    size: 224,
    fit: 'stretch',
    snapshot: null,
    hwaccel: null,
    ...parts,
  } as const
  const deps = { ffmpeg, redact: createRedactor(), telemetry: { emit: () => {} } }
  const pictures$ = rtsp({ ...options, ...camera, silenceTimeoutMs: 10_000 }, deps).pipe(share())
  const running = pictures$.subscribe()
  try {
    await firstValueFrom(pictures$)
    const [pid = 0] = childrenWith('-filter_complex')
    const before = { child: cpuSeconds(pid), own: process.cpuUsage() }
    await sleep(WINDOW_S * 1000)
    const own = process.cpuUsage(before.own)
    const perMinute = 60 / WINDOW_S
    return {
      child: (cpuSeconds(pid) - before.child) * perMinute,
      own: ((own.user + own.system) / 1e6) * perMinute,
    }
  } finally {
    running.unsubscribe()
  }
}

/** User and system time of a running process, s. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
