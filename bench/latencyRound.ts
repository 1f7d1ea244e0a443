/** Cameras whose pictures change, the encoder, the outbox and a broker for a while: when each change was where. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { concat, connectable, EMPTY, map, type Observable, of, Subject, timer } from 'rxjs'
import type { EncoderHandle } from '../src/clip/startEncoder.ts'
import type { WatchState } from '../src/operators/watchState.ts'
import { pipeline } from '../src/pipeline.ts'
import { createMqtt } from '../src/sinks/mqtt/mqtt.ts'
import { openOutbox } from '../src/sinks/mqtt/outbox.ts'
import type { InternalEvent } from '../src/telemetry/internalEvents.ts'
import type { Frame, Signal } from '../src/types.ts'
import { createRandom } from '../src/util/random.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { quantile } from '../src/util/vector.ts'
import { startMosquitto } from '../test/support/mosquitto.ts'
import { openFolder } from '../test/support/openFolder.ts'

const SIZE = 224
export const BATCH = 8
export const CAMERAS = 8
export const LOAD = 0.7
export const SECONDS = 20
/** Frames after which a camera shows the other picture: each time an event begins or ends. */
export const FRAMES_A_SCENE = 3
const JPEG = new Uint8Array(40_000).fill(7)

export interface Round {
  readonly capacity: Capacity
  /** Of the measured time. */
  readonly seconds: number
  readonly batches: readonly { readonly size: number; readonly seconds: number }[]
  readonly dropped: number
  /** ms a change: from frame to PUBACK, and its two parts. */
  readonly whole: readonly number[]
  readonly decided: readonly number[]
  readonly sent: readonly number[]
}

/** Its own broker and outbox, and the encoder's capacity measured again: a machine that others use has faster and slower minutes. */
export async function latencyRound(encoder: EncoderHandle): Promise<Round> {
  const { path: dir, remove } = openFolder('watchword-bench-')
  const broker = await startMosquitto()
  try {
    const capacity = await capacityOf(encoder)
    const plan = await planOf(encoder)
    const watch = createWatch()
    const { telemetry } = watch
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
    const places = new Map(plan.cameras.map(({ camera }, place) => [camera, place]))
    const outcomes$ = connectable(
      pipeline(
        {
          watchState: plan,
          scoring: 'two-way',
          maxBatch: BATCH,
          maxQueueDelayMs: 100,
          lossless: false,
          updateEveryMs: 2000,
          gapMs: 30_000,
        },
        {
          open: ({ camera }) => cameraOf(camera, periodMs, places.get(camera) ?? 0),
          encoder,
          telemetry,
          commands$: EMPTY,
          stop$,
        },
      ),
    )
    const done = mqtt.sink(outcomes$)
    const startedAt = performance.now()
    outcomes$.connect()
    await sleep(SECONDS * 1000)
    const seen = watch.seen()
    const seconds = (performance.now() - startedAt) / 1000
    stop$.next()
    await done
    await outbox.close()
    return { capacity, seconds, ...seen }
  } finally {
    await broker.remove()
    remove()
  }
}

/** Records internal events. A camera's changes are acknowledged in the order in which they were made. */
function createWatch() {
  const batches: { size: number; seconds: number }[] = []
  const [whole, decided, sent]: [number[], number[], number[]] = [[], [], []]
  const changes = new Map<string, { at: number; frameTime: number }[]>()
  let dropped = 0
  const delivered = (camera: string) => {
    const change = changes.get(camera)?.shift()
    if (change === undefined) throw new Error(`Expected a change of ${camera} before its PUBACK`)
    const at = Date.now()
    whole.push(at - change.frameTime)
    decided.push(change.at - change.frameTime)
    sent.push(at - change.at)
  }
  return {
    telemetry: {
      emit(internalEvent: InternalEvent) {
        if (internalEvent.type === 'BatchEncoded') batches.push(internalEvent)
        else if (internalEvent.type === 'FramesDropped') dropped += internalEvent.count
        else if (internalEvent.type === 'EventDelivered') delivered(internalEvent.camera)
        else if (internalEvent.type === 'EventChanged') {
          const { camera, frameTime } = internalEvent.change.after
          changes.set(camera, [...(changes.get(camera) ?? []), { at: Date.now(), frameTime }])
        }
      },
    },
    /** Up to now. */
    seen: () => ({
      batches: [...batches],
      dropped,
      whole: [...whole],
      decided: [...decided],
      sent: [...sent],
    }),
  }
}

interface Capacity {
  readonly framesPerSecond: number
  readonly batchSeconds: number
}

async function capacityOf(encoder: EncoderHandle): Promise<Capacity> {
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
async function planOf(encoder: EncoderHandle): Promise<WatchState> {
  const { embeddings } = await encoder.encode([picture(0), picture(1)])
  const [other = new Float32Array(), positive = new Float32Array()] = embeddings
  const trigger = {
    threshold: 0.5,
    releaseThreshold: 0.5,
    minOnMs: 0,
    minOffMs: 0,
    cooldownMs: 0,
    maxDurationMs: 3.6e6,
  }
  const motion = { enabled: false, threshold: 0.004, refreshMs: 10_000 }
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
      events: [{ event: 'second', positive, contrast: [other], levels: null }],
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
      detail: null,
      zoneImages: new Map(),
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
