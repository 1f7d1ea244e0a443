/** What lost UDP packets of a camera cost: frames, decoder errors, events. */

import { setTimeout as sleep } from 'node:timers/promises'
import { demoClip } from '../test/support/demoClip.ts'
import { startLossyRtspLink } from '../test/support/lossyRtspLink.ts'
import { startRtspServer } from '../test/support/rtspServer.ts'
import { until } from '../test/support/until.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'
import { startBuild } from './startBuild.ts'

const LOSSES = [0, 0.01, 0.05, 0.1]
const SECONDS = 120
const FPS = 4

export async function benchUdpLoss(rig: Rig): Promise<Measurement> {
  const video = await demoClip({ seed: 'udp', view: 'street', durationSeconds: 60 })
  const server = await startRtspServer({ video, fps: 10 })
  try {
    const rows = []
    for (const loss of LOSSES) rows.push(await measure(rig, server.url, loss))
    return {
      name: 'udp-loss',
      title: 'A camera over UDP that loses packets',
      method: `\`watchword run\` with one camera of gst-rtsp-server (the demo's street, 640x360 H.264, 10 frames a second, a keyframe a second, 60 s in a loop) at ${FPS} fps over UDP; between them a link that loses media packets (seeded). ${SECONDS} s each.`,
      columns: ['lost', 'packets', 'frames a second', 'decode errors a minute', 'reconnects', 'events begun'],
      rows,
      notes: [],
    }
  } finally {
    await server.stop()
  }
}

async function measure(rig: Rig, url: string, loss: number): Promise<readonly string[]> {
  const link = await startLossyRtspLink(url, loss)
  const config = {
    metrics: { port: 0 },
    cameras: { yard: { url: link.url, transport: 'udp', fps: FPS } },
    events: { person_walking: { use: 'person_walking' }, vehicle_stopping: { use: 'vehicle_stopping' } },
  }
  const product = await startBuild(config, await rig.data())
  const read = (name: string, labels?: RegExp) => product.metric(`watchword_${name}`, labels)
  try {
    await until(async () => (await read('camera_up').catch(() => 0)) === 1, 'the camera is online', 60_000)
    const before = await read('frames_received_total')
    await sleep(SECONDS * 1000)
    const frames = (await read('frames_received_total')) - before
    const { sent, lost } = link.counts()
    return [
      `${((100 * lost) / sent).toFixed(1)} %`,
      String(sent),
      (frames / SECONDS).toFixed(2),
      ((60 * (await read('camera_decode_errors_total'))) / SECONDS).toFixed(0),
      String(await read('camera_reconnects_total')),
      String(await read('event_changes_total', /type="new"/)),
    ]
  } finally {
    await product.stop()
    await link.close()
  }
}
