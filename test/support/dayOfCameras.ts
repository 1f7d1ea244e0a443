/** Supervised cameras on the real flow with an encoder made by hand, all on virtual time. */

import { asyncScheduler, EMPTY, map, type Observable, Subject, timer } from 'rxjs'
import type { WatchedCamera } from '../../src/operators/watchState.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { DecodedImage } from '../../src/sources/decodedImage.ts'
import { type SuperviseOptions, supervise } from '../../src/sources/supervise.ts'
import type { InternalEvent, Telemetry } from '../../src/telemetry/internalEvents.ts'
import type { CameraStatus, Encoder, EventChange } from '../../src/types.ts'
import { later, virtually } from './virtualTime.ts'
import { watchForLight } from './watchForLight.ts'

export interface Scenario {
  readonly cameras: readonly string[]
  /** One attempt of a camera, from 0. */
  readonly attempt: (camera: string, number: number) => Observable<DecodedImage>
  readonly encoder: Encoder
  readonly forMs: number
  readonly supervision?: Partial<SuperviseOptions>
  /** Called every simulated hour. */
  readonly onHour?: (counts: Totals) => void
}

export interface Totals {
  received: number
  encoded: number
  skipped: number
  dropped: number
  lost: number
}

export interface Recording {
  readonly counts: Totals
  readonly changes: readonly EventChange[]
  readonly statuses: readonly CameraStatus[]
}

const HOUR_MS = 3_600_000
/** Watches every camera for light: the encoder says [1, 0] for light, [0, 1] for none. */
export function playCameras({ cameras, attempt, encoder, forMs, supervision, onHour }: Scenario): Recording {
  const counts: Totals = { received: 0, encoded: 0, skipped: 0, dropped: 0, lost: 0 }
  const changes: EventChange[] = []
  const statuses: CameraStatus[] = []
  const telemetry: Telemetry = { emit: internalEvent => enter(counts, internalEvent) }
  virtually(() => {
    const stop$ = new Subject<void>()
    const open = ({ camera }: WatchedCamera) => {
      let number = 0
      const deps = { telemetry, random: () => 0.5, now: () => asyncScheduler.now() }
      return supervise(() => attempt(camera, number++), { camera, ...supervision }, deps)
    }
    const settings = { scoring: 'two-way', maxBatch: 8, maxQueueDelayMs: 100, lossless: false } as const
    pipeline(
      { ...settings, watchState: watchForLight(cameras), updateEveryMs: 10_000, gapMs: 30_000 },
      { open, encoder, telemetry, commands$: EMPTY, stop$ },
    ).subscribe(outcome => {
      if (outcome.kind === 'event') changes.push(outcome)
      if (outcome.kind === 'status') statuses.push(outcome)
    })
    for (let at = HOUR_MS; at < forMs; at += HOUR_MS) later(at, () => onHour?.(counts))
    later(forMs, () => stop$.next())
    return undefined
  })
  return { counts, changes, statuses }
}

/** A picture every `everyMs`, of one grey given by its time; one pixel flickers, so that it is not frozen. */
export function shots(everyMs: number, grey: (at: number) => number): Observable<DecodedImage> {
  return timer(everyMs, everyMs).pipe(
    map(tick => {
      const at = asyncScheduler.now()
      const pixels = new Uint8Array(SIZE * SIZE * 3).fill(grey(at))
      pixels[pixels.length - 1] = tick % 2
      return { capturedAt: at, pixels, size: SIZE, jpeg: null, detail: null, zoneImages: new Map() }
    }),
  )
}

const SIZE = 8

function enter(counts: Totals, internalEvent: InternalEvent): void {
  if (internalEvent.type === 'FrameReceived') counts.received++
  if (internalEvent.type === 'BatchEncoded') counts.encoded += internalEvent.size
  if (internalEvent.type === 'FrameSkipped') counts.skipped++
  if (internalEvent.type === 'FramesDropped') counts.dropped += internalEvent.count
  if (internalEvent.type === 'CameraLost') counts.lost++
}
