/** How soon the frames of one camera come again after it was away for a few seconds. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { imageParts } from '../src/sources/imageParts.ts'
import { rtsp } from '../src/sources/rtsp.ts'
import { supervise } from '../src/sources/supervise.ts'
import { createRandom } from '../src/util/random.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { quantile } from '../src/util/vector.ts'
import { until } from '../test/support/until.ts'
import { type FlakyLink, startFlakyLink } from './flakyLink.ts'
import { startReplay } from './replay.ts'
import type { Measurement } from './report.ts'
import { makeFootage, type Rig } from './rig.ts'

const ROUNDS = 10
/** After frames for this long, earlier failures no longer count: each round is a first failure. */
const SETTLED_MS = 11_000
const KEYFRAME_SECONDS = 1

const FAULTS: readonly { readonly name: string; readonly kind: 'cut' | 'refuse' | 'hang'; readonly awayMs: number }[] =
  [
    { name: 'the connection is cut', kind: 'cut', awayMs: 0 },
    { name: 'nothing listens for 4 s', kind: 'refuse', awayMs: 4000 },
    { name: 'nothing comes for 4 s, then the connection is cut', kind: 'hang', awayMs: 4000 },
  ]

export async function benchOutage(rig: Rig): Promise<Measurement> {
  const clip = join(rig.dir, 'outage.h264')
  await makeFootage(clip, rig.ffmpeg, {
    width: 640,
    height: 360,
    fps: 10,
    seconds: 20,
    keyframeSeconds: KEYFRAME_SECONDS,
  })
  const replay = await startReplay({ clip, fps: 10, cameras: 1 })
  const link = await startFlakyLink(Number(new URL(replay.urls[0] ?? '').port))
  const random = createRandom('outage')
  const camera = watchThrough(link, replay.urls[0] ?? '', rig)
  try {
    const rows = []
    for (const { name, kind, awayMs } of FAULTS) {
      const seconds: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        await until(() => camera.frames() > 0, 'the camera is online', 60_000)
        // At any time between two keyframes.
        await sleep(SETTLED_MS + random.between(0, 1000 * KEYFRAME_SECONDS))
        const before = camera.attempts()
        await link[kind]()
        await sleep(awayMs)
        const backAt = performance.now()
        await link.restore()
        // Frames that were decoded before do not count.
        await until(() => camera.attempts() > before && camera.frames() > 0, 'a frame comes', 120_000)
        seconds.push((performance.now() - backAt) / 1000)
      }
      rows.push([name, ...[0.5, 0, 1].map(q => quantile(seconds, q).toFixed(1))])
    }
    return {
      name: 'outage',
      title: 'A lone camera that is away for 4 s',
      method: `One RTSP camera (640x360, 10 frames a second, a keyframe every ${KEYFRAME_SECONDS} s) at 4 fps through a link that fails; the source and its supervisor with their defaults, without model and sinks. From the moment at which the link works again to the next frame; ${ROUNDS} rounds each, ${SETTLED_MS / 1000} s of frames before each.`,
      columns: ['fault', 'median, s', 'least', 'most'],
      rows,
      notes: [`The wait for a keyframe is in it, ${KEYFRAME_SECONDS / 2} s on average.`],
    }
  } finally {
    camera.close()
    await link.close()
    await replay.close()
  }
}

/** `frames`: since the last attempt began. */
function watchThrough(link: FlakyLink, direct: string, { ffmpeg }: Rig) {
  const url = new URL(direct)
  url.port = String(link.port)
  const deps = { ffmpeg, redact: createRedactor(), telemetry: { emit: () => {} } }
  let onWaiting = () => {}
  const source = rtsp(
    {
      camera: 'lone',
      url: url.href,
      transport: 'auto',
      fps: 4,
      size: 224,
      fit: 'crop',
      decode: 'auto',
      snapshot: null,
      hwaccel: null,
      ...imageParts({}),
      silenceTimeoutMs: 10_000,
      onWaiting: () => onWaiting(),
    },
    deps,
  )
  let [attempts, frames] = [0, 0]
  const open = (stillWaiting: () => void) => {
    onWaiting = stillWaiting
    return source
  }
  const running = supervise(open, { camera: 'lone', fps: 4 }, deps).subscribe(signal => {
    if (signal.kind === 'frame') frames++
    else if (signal.state === 'connecting') [attempts, frames] = [attempts + 1, 0]
  })
  return { attempts: () => attempts, frames: () => frames, close: () => running.unsubscribe() }
}
