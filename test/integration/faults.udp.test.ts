/** The whole product on a camera that sends over UDP, of whose packets many are lost on the way. */

import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { demoClip } from '../support/demoClip.ts'
import { startLossyRtspLink } from '../support/lossyRtspLink.ts'
import { dataDirectory, type Product, startProduct } from '../support/product.ts'
import { hasRtspServer, startRtspServer } from '../support/rtspServer.ts'
import { until } from '../support/until.ts'

describe.skipIf(!hasRtspServer())('a camera over UDP that loses every twentieth packet', () => {
  let service: Product | null = null
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(service?.output())
    await service?.stop('SIGKILL')
  })

  test('stays online, its events are found, and the damage is counted', { timeout: 300_000 }, async () => {
    const video = await demoClip({ seed: 'udp', view: 'street', durationSeconds: 60 })
    const server = await startRtspServer({ video, fps: 10 })
    onTestFinished(server.stop)
    const link = await startLossyRtspLink(server.url, 0.05)
    onTestFinished(link.close)
    const data = dataDirectory()
    onTestFinished(data.remove)
    const running = await startProduct(data.path, {
      metrics: { port: 0 },
      cameras: { yard: { url: link.url, transport: 'udp', fps: 4 } },
      events: { person_walking: { use: 'person_walking' } },
    })
    service = running

    await until(
      async () => (await running.metric('watchword_event_changes_total', /type="new"/)) > 0,
      'an event begins',
      240_000,
    )
    const { sent, lost } = link.counts()
    expect(lost / sent).toBeGreaterThan(0.03)
    expect(await running.metric('watchword_camera_decode_errors_total')).toBeGreaterThan(0)
    expect(await running.metric('watchword_camera_reconnects_total')).toBe(0)
    expect(await running.metric('watchword_camera_up')).toBe(1)
    expect(await running.stop('SIGTERM')).toBe(0)
  })
})
