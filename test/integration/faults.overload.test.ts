/**
 * Ten times what the encoder can take and more, on real parts and in real time: RTSP server, ffmpeg, `watchword run` with
 * a model of ViT-B/16's size. Ten minutes, so only with `npm run test:soak`; its short form is test/pipeline.test.ts, on
 * virtual time.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { residentBytes } from '../../bench/cpu.ts'
import { createRig, type Rig } from '../../bench/rig.ts'
import { frameCounts } from '../support/frameCounts.ts'
import { metricSum } from '../support/metricSum.ts'
import { childrenWith } from '../support/processes.ts'
import { dataDirectory, type Product, startProduct } from '../support/product.ts'
import { hasRtspServer, type RtspServer, startRtspServer } from '../support/rtspServer.ts'
import { slope } from '../support/slope.ts'
import { isSoak } from '../support/soak.ts'

const CAMERAS = 6
const FPS = 10
const SECONDS = Number(process.env.OVERLOAD_SECONDS ?? 600)
/** Memory grows at first while allocators fill their pools; its slope is measured after this. */
const SETTLE_SECONDS = SECONDS / 5

/** All of one scrape. */
function readCounts(metrics: string) {
  return {
    ...frameCounts(metrics),
    lost: metricSum(metrics, 'watchword_camera_reconnects_total'),
    online: metricSum(metrics, 'watchword_camera_up'),
    delaySeconds: Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(metrics)?.[1]),
  }
}

if (!isSoak) console.warn('SKIPPED: ten minutes of overload are run by `npm run test:soak`')

describe.skipIf(!isSoak || !hasRtspServer())('ten times the load that the encoder can take', () => {
  let rig: Rig
  let server: RtspServer
  let data: ReturnType<typeof dataDirectory>
  let service: Product | null = null
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

  test(`for ${SECONDS} s: the frame counters balance at every scrape, memory stays, no camera is lost`, {
    timeout: (SECONDS + 600) * 1000,
  }, async () => {
    const camera = { url: server.url, fps: FPS, decode: 'all', motion: { enabled: false } }
    const cameras = Object.fromEntries(Array.from({ length: CAMERAS }, (_, i) => [`camera${i}`, camera]))
    const model = { name: await rig.vitB16(), variant: 'fp32' }
    service = await startProduct(data.path, { cameras, model, metrics: { port: 0 } })
    const counts = async () => readCounts((await service?.metrics()) ?? '')
    await expect.poll(async () => (await counts()).online, { timeout: 300_000, interval: 500 }).toBe(CAMERAS)

    const pid = service.child.pid ?? 0
    const before = await counts()
    const memory: [second: number, megabytes: number][] = []
    const [startedAt, delays] = [performance.now(), [] as number[]]
    let mostInFlight = 0
    for (let second = 0; second < SECONDS; second = (performance.now() - startedAt) / 1000) {
      const { received, encoded, skipped, dropped, inFlight, delaySeconds } = await counts()
      expect(received).toBe(encoded + skipped + dropped + inFlight)
      mostInFlight = Math.max(mostInFlight, inFlight)
      delays.push(delaySeconds)
      memory.push([second, residentBytes(pid) / 1e6])
      await sleep(1000)
    }
    const now = await counts()
    const [received, encoded] = [now.received - before.received, now.encoded - before.encoded]
    const settled = memory.filter(([second]) => second >= SETTLE_SECONDS)
    const perMinute = slope(settled) * 60
    const sizes = settled.map(([, megabytes]) => megabytes)
    console.log(
      `${SECONDS} s, ${CAMERAS} cameras: ${received} received (${(received / SECONDS).toFixed(0)} a second), ` +
        `${encoded} encoded (${(received / encoded).toFixed(1)}x), ${now.droppedFor.stale - before.droppedFor.stale} stale; at most ` +
        `${mostInFlight} in flight; RSS ${Math.min(...sizes).toFixed(0)} to ${Math.max(...sizes).toFixed(0)} MB, slope ` +
        `${perMinute.toFixed(2)} MB a minute; event-loop delay p99, worst scrape ${(Math.max(...delays) * 1000).toFixed(0)} ms`,
    )
    // Per camera, one frame waits and one is being encoded; a batch has at most eight.
    expect(mostInFlight).toBeLessThanOrEqual(2 * CAMERAS)
    expect(now.dropped).toBe(now.droppedFor.stale)
    expect([now.lost, now.online, childrenWith('-filter_complex', pid).length]).toEqual([0, CAMERAS, CAMERAS])
    expect(received / encoded, 'received per encoded frame').toBeGreaterThan(5)
    // A frame takes 150 kB, and thousands arrive per minute: a leak of one in a hundred would exceed this.
    expect(perMinute).toBeLessThan(4)
    expect(await service.stop('SIGTERM')).toBe(0)
  })
})
