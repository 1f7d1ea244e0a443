/** What an idle camera costs: one 1080p25 H.264 stream over RTSP, every frame decoded or keyframes alone. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { firstValueFrom, share } from 'rxjs'
import { findFfmpeg } from '../src/sources/ffmpeg/findFfmpeg.ts'
import { imageParts } from '../src/sources/imageParts.ts'
import { type RtspOptions, rtsp } from '../src/sources/rtsp.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { childrenWith } from '../test/support/processes.ts'
import { startRtspServer } from '../test/support/rtspServer.ts'
import type { Measurement } from './report.ts'

const WINDOW_S = 30
const TICKS_PER_SECOND = 100

/** Linux only: CPU time of children is read from /proc. Takes about two minutes, most of it waiting. */
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
    for (const [decode, fps] of [
      ['keyframes', 0.5],
      ['all', 0.5],
      ['all', 1],
    ] as const) {
      const spent = await spend({ ffmpeg, url: server.url, decode, fps })
      rows.push([decode, fps, spent.child.toFixed(2), spent.own.toFixed(2), (spent.child + spent.own).toFixed(2)])
    }
    return {
      name: 'idle-camera',
      title: 'An idle camera',
      method: `One 1920x1080 H.264 stream (25 frames a second, 4 Mbit/s, a keyframe every 2 s) over RTSP/TCP into pictures of 224x224 with ffmpeg ${ffmpeg.version.major}.${ffmpeg.version.minor}, ${WINDOW_S} s each after the first picture, scaled to a minute.`,
      columns: ['decode', 'fps', 'ffmpeg, CPU-s a minute', 'Node, CPU-s a minute', 'sum'],
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

type Camera = Pick<RtspOptions, 'url' | 'decode' | 'fps'> & { readonly ffmpeg: Awaited<ReturnType<typeof findFfmpeg>> }

/** CPU-seconds a minute of the ffmpeg child and of this process while the camera runs. */
async function spend({ ffmpeg, ...camera }: Camera): Promise<{ child: number; own: number }> {
  const options = {
    camera: 'bench',
    transport: 'tcp',
    size: 224,
    fit: 'stretch',
    snapshot: null,
    hwaccel: null,
    ...imageParts({}),
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
