/** Does the main thread stay free while the encoder is at full load? */

import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { startEncoder } from '../src/clip/startEncoder.ts'
import { exportModel } from '../src/onnx/exportModel.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { makeCheckpoint } from './makeCheckpoint.ts'
import type { Measurement } from './report.ts'

const SECONDS = 15
const BATCH = 8
/** The monitor samples with a timer of this period, and counts the period itself as delay. */
const RESOLUTION_MS = 1

/** Event-loop delay with the encoder idle and at full load, in one run, on a ViT-B/32-size model with random weights. */
export async function benchEventLoop(): Promise<Measurement> {
  const { path: dir, remove } = openFolder('watchword-bench-')
  try {
    const [checkpointDir, modelDir] = [join(dir, 'checkpoint'), join(dir, 'model')]
    await makeCheckpoint(checkpointDir)
    await exportModel({ checkpointDir, outputDir: modelDir })
    const options = { modelDir, variant: 'fp32', maxBatch: BATCH, provider: 'cpu' } as const
    const encoder = await startEncoder(options, { emit: () => {} })
    const picture = new Uint8Array(encoder.imageSize ** 2 * 3).map((_, i) => (i * 31) & 255)
    const batch = () => Array.from({ length: BATCH }, () => picture.slice())

    const idle = await lateness(() => delay(SECONDS * 1000))
    let frames = 0
    const startedAt = performance.now()
    const busy = await lateness(async () => {
      // The next batch is ready before the last one is back: the worker never waits for us.
      let running = encoder.encode(batch())
      while (performance.now() - startedAt < SECONDS * 1000) {
        const next = encoder.encode(batch())
        await running
        frames += BATCH
        running = next
      }
      await running
      frames += BATCH
    })
    const framesPerSecond = frames / ((performance.now() - startedAt) / 1000)
    await encoder.close()
    return {
      name: 'event-loop',
      title: 'Event-loop delay while encoding',
      method: `ViT-B/32 size, random weights, fp32, batches of ${BATCH}, ${SECONDS} s each; \`monitorEventLoopDelay\` at ${RESOLUTION_MS} ms, its own period taken off.`,
      columns: ['main thread', 'p50 ms', 'p99 ms', 'max ms', 'frames/s'],
      rows: [
        ['encoder idle', ...idle, '–'],
        ['encoder at full load', ...busy, framesPerSecond.toFixed(1)],
      ],
      notes: ['The bound is 20 ms at p99. The encoder takes all cores; what is late here waited for one.'],
    }
  } finally {
    remove()
  }
}

/** How late timers were while `work` ran: p50, p99, max in ms. */
async function lateness(work: () => Promise<void>): Promise<[string, string, string]> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  await work()
  histogram.disable()
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS).toFixed(2)
  return [late(histogram.percentile(50)), late(histogram.percentile(99)), late(histogram.max)]
}
