/** The real encoder on the bundled model, its worker killed again and again while frames flow. */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { EMPTY, map, Subject, timer } from 'rxjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Engine, startEngine } from '../../src/commands/startEngine.ts'
import { watchStateOf } from '../../src/commands/watchStateOf.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { pipeline } from '../../src/pipeline.ts'
import { supervise } from '../../src/sources/supervise.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import { createRandom } from '../../src/util/random.ts'
import { dataDirectory } from '../support/product.ts'
import { soak } from '../support/soak.ts'
import { until } from '../support/until.ts'

const KILLS = soak({ fast: 8, long: 24 })
const PAUSE_MS = soak({ fast: 0, long: 5000 })
const PERIOD_MS = 100

const { config } = parseConfig(
  'cameras: { a: { url: x, motion: { enabled: false } }, b: { url: x }, c: { url: x }, d: { url: x } }',
  'faults.yaml',
  { library: readLibrary(), env: {} },
)

let engine: Engine
let data: ReturnType<typeof dataDirectory>
const internalEvents: InternalEvent[] = []
const telemetry = { emit: (internalEvent: InternalEvent) => void internalEvents.push(internalEvent) }

beforeEach(async () => {
  data = dataDirectory()
  engine = await startEngine({ ...config.model, threads: 1 }, { dataDir: data.path, telemetry, onStep: () => {} })
})
afterEach(async () => {
  await engine.encoder.close()
  data.remove()
})

const count = (type: InternalEvent['type']) => internalEvents.filter(one => one.type === type).length
const sum = (value: (internalEvent: InternalEvent) => number) =>
  internalEvents.reduce((total, one) => total + value(one), 0)

test(`killed ${KILLS} times: back each time, no frame unaccounted for, cameras never wait`, {
  timeout: 400_000,
}, async () => {
  const random = createRandom('killed')
  const size = engine.encoder.imageSize
  const stop$ = new Subject<void>()
  const noise = () =>
    timer(0, PERIOD_MS).pipe(
      map(() => ({
        capturedAt: Date.now(),
        pixels: new Uint8Array(size * size * 3).fill(random.integer(60, 250)),
        size,
        jpeg: null,
        detail: null,
        zoneImages: new Map(),
      })),
    )
  const texts = await engine.texts(config.events)
  let failure: unknown = null
  const done = new Promise<void>(resolve => {
    pipeline(
      {
        watchState: watchStateOf(config, texts),
        scoring: 'two-way',
        maxBatch: config.model.max_batch_size,
        maxQueueDelayMs: config.model.max_queue_delay,
        lossless: false,
        updateEveryMs: 2000,
        gapMs: 30_000,
      },
      {
        open: ({ camera }) => supervise(noise, { camera, fps: 1000 / PERIOD_MS }, { telemetry }),
        encoder: engine.encoder,
        telemetry,
        commands$: EMPTY,
        stop$,
      },
    ).subscribe({
      error: error => {
        failure = error
        resolve()
      },
      complete: resolve,
    })
  })

  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const flowedMeanwhile: number[] = []
  for (let kill = 1; kill <= KILLS; kill++) {
    await sleep(PAUSE_MS)
    const batches = count('BatchEncoded')
    await until(() => count('BatchEncoded') > batches + 1, 'batches are encoded', 60_000)
    engine.encoder.inject('crash')
    await until(() => count('EncoderCrashed') === kill, 'the encoder died', 60_000)
    const received = count('FrameReceived')
    await until(() => count('EncoderRestarted') === kill, 'the encoder is back', 60_000)
    flowedMeanwhile.push(count('FrameReceived') - received)
  }
  const batches = count('BatchEncoded')
  await until(() => count('BatchEncoded') > batches + 1, 'batches are encoded again', 60_000)
  delay.disable()
  stop$.next()
  await done

  expect(failure).toBeNull()
  const lost = sum(one => (one.type === 'EncoderCrashed' ? one.framesLost : 0))
  const dropped = (reason?: string) =>
    sum(one => (one.type === 'FramesDropped' && (reason === undefined || one.reason === reason) ? one.count : 0))
  const encoded = sum(one => (one.type === 'BatchEncoded' ? one.size : 0))
  expect(count('FrameReceived')).toBe(encoded + count('FrameSkipped') + dropped())
  expect(dropped('encoder')).toBe(lost)
  expect(count('CameraLost')).toBe(0)
  // Had the main thread loaded the model itself, no frame could have come meanwhile.
  expect(Math.min(...flowedMeanwhile)).toBeGreaterThan(0)
  const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(0)} ms`
  console.log(
    `${KILLS} kills: ${count('FrameReceived')} received = ${encoded} encoded + ${count('FrameSkipped')} gated + ` +
      `${dropped()} dropped (${lost} with the worker); frames during an outage: ${Math.min(...flowedMeanwhile)} to ` +
      `${Math.max(...flowedMeanwhile)}; event-loop delay p99 ${ms(delay.percentile(99))}, most ${ms(delay.max)}`,
  )
})
