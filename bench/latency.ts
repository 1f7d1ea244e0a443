/** How long after a frame the broker has acknowledged the change that it caused. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { concat, connectable, EMPTY, map, type Observable, of, Subject, timer } from 'rxjs'
import { type EncoderHandle, startEncoder } from '../src/clip/encoder.ts'
import type { Plan } from '../src/operators/plan.ts'
import { pipeline } from '../src/pipeline.ts'
import { createMqtt } from '../src/sinks/mqtt/mqtt.ts'
import { openOutbox } from '../src/sinks/mqtt/outbox.ts'
import type { Happening } from '../src/telemetry/happenings.ts'
import type { Frame, Signal } from '../src/types.ts'
import { createRandom } from '../src/util/random.ts'
import { createRedactor } from '../src/util/redact.ts'
import { quantile } from '../src/util/vector.ts'
import { startMosquitto } from '../test/support/mosquitto.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const SIZE = 224
const BATCH = 8
const CAMERAS = 8
const LOAD = 0.7
const SECONDS = 30
/** Frames after which a camera shows the other picture: each time an event begins or ends. */
const FRAMES_A_SCENE = 3
const JPEG = new Uint8Array(40_000).fill(7)

export async function benchLatency(rig: Rig): Promise<Measurement> {
  const encoder = await startEncoder(
    { modelDir: await rig.vitB32(), variant: 'fp32', maxBatch: BATCH, provider: 'cpu' },
    { emit: () => {} },
  )
  const dir = await mkdtemp(join(tmpdir(), 'watchword-bench-'))
  const broker = await startMosquitto()
  try {
    const capacity = await capacityOf(encoder)
    const latencies: number[] = []
    const batches: { size: number; seconds: number }[] = []
    let dropped = 0
    const telemetry = {
      emit(happening: Happening) {
        if (happening.type === 'EventDelivered') latencies.push(happening.latencySeconds * 1000)
        if (happening.type === 'BatchEncoded') batches.push(happening)
        if (happening.type === 'FramesDropped') dropped += happening.count
      },
    }
    const plan = await planOf(encoder)
    const outbox = await openOutbox({
      path: join(dir, 'outbox'),
      maxMessages: 10_000,
      maxBytes: 50e6,
      maxAgeMs: 1e9,
      telemetry,
    })
    const mqtt = await createMqtt({
      url: `mqtt://127.0.0.1:${broker.port}`,
      clientId: 'watchword-bench',
      topicPrefix: 'watchword',
      protocol: 'auto',
      tls: { insecure: false },
      discoveryPrefix: 'homeassistant',
      snapshots: true,
      replayPerSecond: 50,
      cameras: Object.fromEntries(plan.cameras.map(({ camera, events }) => [camera, events])),
      version: 'bench',
      info: {},
      outbox,
      telemetry,
      redact: createRedactor(),
      onRequest: async () => ({}),
    })
    while (!mqtt.connected) await sleep(20)

    const stop$ = new Subject<void>()
    const periodMs = (1000 * CAMERAS) / (LOAD * capacity.framesPerSecond)
    const outcomes$ = connectable(
      pipeline(
        {
          plan,
          scoring: 'two-way',
          maxBatch: BATCH,
          deadlineMs: 100,
          lossless: false,
          updateEveryMs: 2000,
          gapMs: 30_000,
        },
        {
          open: ({ camera }) =>
            cameraOf(
              camera,
              periodMs,
              plan.cameras.findIndex(each => each.camera === camera),
            ),
          encoder,
          telemetry,
          controls$: EMPTY,
          stop$,
        },
      ),
    )
    const done = mqtt.sink(outcomes$)
    const startedAt = performance.now()
    outcomes$.connect()
    await sleep(SECONDS * 1000)
    const encoded = batches.reduce((sum, { size }) => sum + size, 0)
    const load = encoded / ((performance.now() - startedAt) / 1000) / capacity.framesPerSecond
    const counted = [...latencies]
    stop$.next()
    await done
    await outbox.close()

    const batchMs = capacity.batchSeconds * 1000
    const real = quantile(
      batches.map(({ seconds }) => seconds * 1000),
      0.5,
    )
    const quantiles = [0.5, 0.95, 0.99].map(q => quantile(counted, q).toFixed(0))
    return {
      name: 'latency',
      title: 'From frame to PUBACK',
      method: `${CAMERAS} cameras whose pictures change every ${FRAMES_A_SCENE} frames, so that an event begins or ends each time, at ${LOAD * 100} % of the frames/s that the encoder (ViT-B/32 size, fp32, random weights) reached alone just before at batches of ${BATCH}; pipeline, outbox on disk and MQTT sink with JPEGs against a real Mosquitto, QoS 1, ${SECONDS} s.`,
      columns: ['what', 'p50', 'p95', 'p99', 'target for p95'],
      rows: [
        [
          'frame to PUBACK, ms',
          ...quantiles,
          `≤ ${(batchMs + 150).toFixed(0)}: a full batch (${batchMs.toFixed(0)} ms) + 150`,
        ],
      ],
      notes: [
        `${counted.length} changes; ${(load * 100).toFixed(0)} % load reached, ${dropped} of ${encoded + dropped} frames replaced by newer ones; batches of ${(encoded / batches.length).toFixed(1)} frames and ${real.toFixed(0)} ms (median).`,
      ],
    }
  } finally {
    await encoder.close()
    await broker.remove()
    await rm(dir, { recursive: true, force: true })
  }
}

async function capacityOf(encoder: EncoderHandle): Promise<{ framesPerSecond: number; batchSeconds: number }> {
  const batch = () => Array.from({ length: BATCH }, () => picture(0))
  const times: number[] = []
  let running = encoder.encode(batch())
  const startedAt = performance.now()
  while (performance.now() - startedAt < 5000) {
    const next = encoder.encode(batch())
    times.push((await running).seconds)
    running = next
  }
  times.push((await running).seconds)
  const framesPerSecond = (times.length * BATCH) / ((performance.now() - startedAt) / 1000)
  return { framesPerSecond, batchSeconds: quantile(times, 0.5) }
}

/** The event is the second of two pictures, rather than the first. */
async function planOf(encoder: EncoderHandle): Promise<Plan> {
  const { embeddings } = await encoder.encode([picture(0), picture(1)])
  const [other = new Float32Array(), positive = new Float32Array()] = embeddings
  const trigger = { threshold: 0.5, release: 0.5, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 3.6e6 }
  const motion = { enabled: false, threshold: 0.004, keepaliveMs: 10_000 }
  return {
    cameras: Array.from({ length: CAMERAS }, (_, i) => ({
      camera: `camera${i}`,
      enabled: true,
      revision: '1',
      motion,
      events: ['second'],
    })),
    events: [{ event: 'second', enabled: true, tauMs: 0, rule: { rule: 'present', trigger } }],
    texts: {
      variant: 'fp32',
      logitScale: 100,
      calibration: { centre: 0, width: 0.01 },
      events: [{ event: 'second', positive, contrast: [other], grades: null }],
    },
  }
}

function cameraOf(camera: string, periodMs: number, place: number): Observable<Signal<Frame>> {
  const online = { kind: 'status', camera, state: 'online', problem: null, reason: null, detail: null } as const
  const frames$ = timer((place * periodMs) / CAMERAS, periodMs).pipe(
    map(seq => ({
      kind: 'frame' as const,
      camera,
      seq,
      capturedAt: Date.now(),
      pixels: picture(Math.floor(seq / FRAMES_A_SCENE) % 2),
      size: SIZE,
      jpeg: JPEG,
      problem: null,
    })),
  )
  return concat(of({ ...online, at: Date.now(), retryInMs: null }), frames$)
}

const PICTURES = ['first', 'second'].map(seed => {
  const random = createRandom(seed)
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, () => random.integer(0, 255))
})

function picture(which: number): Uint8Array<ArrayBuffer> {
  return (PICTURES[which] as Uint8Array<ArrayBuffer>).slice()
}
