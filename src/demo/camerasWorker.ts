/** The worker thread of `startDemoCameras`: for each camera a world, an encoder process and a stream on one RTSP server. */

import { parentPort, workerData } from 'node:worker_threads'
import { startRtspServer } from './rtsp/rtspServer.ts'
import type { DemoCamerasOptions, DemoMessage } from './startDemoCameras.ts'
import { startEncoding } from './startEncoding.ts'
import { createWorld } from './world/createWorld.ts'
import type { WorldOptions } from './world/world.ts'

const { cameras, fps, ffmpegPath, port } = workerData as DemoCamerasOptions
const post = (message: DemoMessage) => parentPort?.postMessage(message)

const server = await startRtspServer({ port })
const encoders = cameras.map(({ name, world }) =>
  startEncoding({ world: createWorld(world), fps: rateOf(world), ffmpegPath, stream: server.mount(name) }),
)
// Left unhandled: the rejection ends the thread and becomes the reason of `failed`.
for (const encoder of encoders) void encoder.failed.then(Promise.reject.bind(Promise))
parentPort?.once('message', async () => {
  await Promise.all(encoders.map(encoder => encoder.close()))
  await server.close()
  // Nothing is left that keeps the thread alive.
  parentPort?.close()
})
/** A far scene has four times as many pixels, and drawing them costs 30 ms of CPU each time. */
function rateOf({ distance }: WorldOptions): number {
  return distance === 'far' ? fps / 2 : fps
}
post({ type: 'serving', urls: Object.fromEntries(cameras.map(({ name }) => [name, server.url(name)])) })
