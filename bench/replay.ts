/** Many cameras from one clip: encoded once, replayed over our RTSP server without touching a pixel. */

import { readFileSync } from 'node:fs'
import { startRtspServer } from '../src/demo/rtsp/rtspServer.ts'

export interface ReplayOptions {
  /** H.264 Annex B file with access unit delimiters. */
  readonly clip: string
  readonly fps: number
  readonly cameras: number
}

export interface Replay {
  readonly urls: readonly string[]
  close(): Promise<void>
}

/** The cameras show the same film, none at the same moment as another. */
export async function startReplay({ clip, fps, cameras }: ReplayOptions): Promise<Replay> {
  const pictures = split(readFileSync(clip))
  const server = await startRtspServer()
  const names = Array.from({ length: cameras }, (_, i) => `camera${i}`)
  const timers = names.map((name, place) => {
    const stream = server.mount(name)
    const startedAt = performance.now() + (place * 1000) / fps / cameras
    let sent = 0
    return setInterval(() => {
      // A late timer sends what is due: a camera does not slow down because its viewers' machine is busy.
      for (; startedAt + (sent * 1000) / fps <= performance.now(); sent++) {
        stream.write(pictures[sent % pictures.length] as Buffer)
      }
    }, 500 / fps)
  })
  return {
    urls: names.map(name => server.url(name)),
    async close() {
      for (const timer of timers) clearInterval(timer)
      await server.close()
    },
  }
}

const DELIMITER = Buffer.from([0, 0, 0, 1, 9])

function split(bytes: Buffer): Buffer[] {
  const pictures: Buffer[] = []
  for (let start = bytes.indexOf(DELIMITER); start >= 0; ) {
    const next = bytes.indexOf(DELIMITER, start + DELIMITER.length)
    pictures.push(bytes.subarray(start, next < 0 ? bytes.length : next))
    start = next
  }
  return pictures
}
