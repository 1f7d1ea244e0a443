/**
 * Ten times what the encoder can take and more, on real parts and in real time: RTSP server, ffmpeg, `watchword run` with
 * a model of ViT-B/16's size. Ten minutes, so only with `npm run test:soak`; its short form is test/pipeline.test.ts, on
 * virtual time.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { residentBytes } from '../../bench/cpu.ts'
import { createRig, type Rig } from '../../bench/rig.ts'
import { slope } from '../../bench/slope.ts'
import { childrenWith } from '../support/processes.ts'
import { hasRtspServer, type RtspServer, startRtspServer } from '../support/rtspServer.ts'
import { isSoak } from '../support/soak.ts'
import { dataDirectory, runWatchword, type Watchword } from '../support/watchword.ts'

const CAMERAS = 6
const FPS = 10
const SECONDS = Number(process.env.OVERLOAD_SECONDS ?? 600)
/** Allocators take what they like at first; growth is judged after it. */
const SETTLE_SECONDS = SECONDS / 5

/** The books of one scrape, all of one moment. */
function readBooks(metrics: string) {
  const sum = (name: string, labels = '') =>
    metrics
      .split('\n')
      .filter(line => new RegExp(`^watchword_${name}(\\{[^}]*${labels}[^}]*\\})? `).test(line))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  return {
    received: sum('frames_received_total'),
    encoded: sum('frames_encoded_total'),
    gated: sum('frames_skipped_total'),
    stale: sum('frames_dropped_total', 'reason="stale"'),
    dropped: sum('frames_dropped_total'),
    inFlight: sum('frames_in_flight'),
    lost: sum('camera_reconnects_total'),
    online: sum('camera_up'),
    delaySeconds: Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(metrics)?.[1]),
  }
}

if (!isSoak) console.warn('SKIPPED: ten minutes of overload are run by `npm run test:soak`')

describe.skipIf(!isSoak || !hasRtspServer())('ten times too much', () => {
  let rig: Rig
  let server: RtspServer
  let data: ReturnType<typeof dataDirectory>
  let service: Watchword | null = null
  beforeAll(async () => {
    rig = await createRig()
    server = await startRtspServer()
  })
  afterAll(async () => {
    await server.stop()
    await rig.close()
  })
  beforeEach(() => {
    data = dataDirectory()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(service?.output())
    await service?.stop('SIGKILL')
    data.remove()
  })

  test(`for ${SECONDS} s: the books balance at every scrape, memory stays, no camera is lost`, {
    timeout: (SECONDS + 600) * 1000,
  }, async () => {
    const camera = { url: server.url, fps: FPS, decode: 'all', motion: { enabled: false } }
    const cameras = Object.fromEntries(Array.from({ length: CAMERAS }, (_, i) => [`camera${i}`, camera]))
    const model = { name: await rig.vitB16(), variant: 'fp32' }
    service = await runWatchword(data.path, { cameras, model, metrics: { port: 0 } })
    const books = async () => readBooks((await service?.metrics()) ?? '')
    await expect.poll(async () => (await books()).online, { timeout: 300_000, interval: 500 }).toBe(CAMERAS)

    const pid = service.child.pid ?? 0
    const before = await books()
    const memory: [second: number, megabytes: number][] = []
    const [startedAt, delays] = [performance.now(), [] as number[]]
    let mostInFlight = 0
    for (let second = 0; second < SECONDS; second = (performance.now() - startedAt) / 1000) {
      const { received, encoded, gated, dropped, inFlight, delaySeconds } = await books()
      expect(received).toBe(encoded + gated + dropped + inFlight)
      mostInFlight = Math.max(mostInFlight, inFlight)
      delays.push(delaySeconds)
      memory.push([second, residentBytes(pid) / 1e6])
      await sleep(1000)
    }
    const now = await books()
    const [received, encoded] = [now.received - before.received, now.encoded - before.encoded]
    const settled = memory.filter(([second]) => second >= SETTLE_SECONDS)
    const perMinute = slope(settled) * 60
    const sizes = settled.map(([, megabytes]) => megabytes)
    console.log(
      `${SECONDS} s, ${CAMERAS} cameras: ${received} received (${(received / SECONDS).toFixed(0)} a second), ` +
        `${encoded} encoded (${(received / encoded).toFixed(1)}x), ${now.stale - before.stale} stale; at most ` +
        `${mostInFlight} in flight; RSS ${Math.min(...sizes).toFixed(0)} to ${Math.max(...sizes).toFixed(0)} MB, slope ` +
        `${perMinute.toFixed(2)} MB a minute; event-loop delay p99, worst scrape ${(Math.max(...delays) * 1000).toFixed(0)} ms`,
    )
    // One waits, one flies, a camera; a batch is at most eight.
    expect(mostInFlight).toBeLessThanOrEqual(2 * CAMERAS)
    expect(now.dropped).toBe(now.stale)
    expect([now.lost, now.online, childrenWith('-filter_complex', pid).length]).toEqual([0, CAMERAS, CAMERAS])
    expect(received / encoded, 'it was far too much').toBeGreaterThan(5)
    // A frame kept is 150 kB, and thousands come a minute: a leak of one in a hundred would show.
    expect(perMinute).toBeLessThan(4)
    expect(await service.stop('SIGTERM')).toBe(0)
  })
})
