/** The thread behind `startDemoCameras`: for each camera a world, an encoder child, and a stream on one RTSP server. */

import { parentPort, workerData } from 'node:worker_threads'
import type { DemoCamerasOptions, DemoMessage } from './cameras.ts'
import { startEncoding } from './encode.ts'
import { startRtspServer } from './rtsp/server.ts'
import { createWorld } from './world/createWorld.ts'

const { cameras, fps, ffmpegPath, port } = workerData as DemoCamerasOptions
const say = (message: DemoMessage) => parentPort?.postMessage(message)

const server = await startRtspServer({ port })
const encoders = cameras.map(({ name, world }) =>
  startEncoding({ world: createWorld(world), fps, ffmpegPath, stream: server.mount(name) }),
)
// Unhandled on purpose: it ends the thread, and `failed` tells its owner why.
for (const encoder of encoders) void encoder.failed.then(Promise.reject.bind(Promise))
parentPort?.on('message', async () => {
  await Promise.all(encoders.map(encoder => encoder.close()))
  await server.close()
  say({ type: 'closed' })
})
say({ type: 'serving', urls: Object.fromEntries(cameras.map(({ name }) => [name, server.url(name)])) })
