/** Opens RTSP cameras in tests, and leaves nothing of them behind. */

import { afterEach, beforeAll, expect } from 'vitest'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { type RtspOptions, rtsp } from '../../src/sources/rtsp.ts'
import { supervise } from '../../src/sources/supervise.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { childrenWith } from './processes.ts'

export const DEFAULTS = {
  camera: 'yard',
  transport: 'tcp',
  fps: 2,
  size: 32,
  fit: 'stretch',
  decode: 'all',
  snapshot: null,
  hwaccel: null,
  masks: [],
  detailHeight: null,
  leastDetailHeight: 0,
  zones: [],
  silenceTimeoutMs: 3000,
} as const

/** Options of `expect.poll`. */
export const within = (timeout: number) => ({ timeout, interval: 50 })

/** Call it once in a test file: it finds ffmpeg, and stops everything after each test. */
export function useRtspCameras() {
  let ffmpeg: Ffmpeg
  const cleanups: (() => unknown)[] = []
  beforeAll(async () => {
    ffmpeg = await findFfmpeg()
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
    await expect.poll(() => childrenWith('-filter_complex'), { timeout: 10_000 }).toEqual([])
  })

  /** One attempt. */
  const cameraOf = (url: string, options: Partial<RtspOptions> = {}) => {
    const internalEvents: InternalEvent[] = []
    const deps = {
      ffmpeg,
      redact: createRedactor(),
      telemetry: { emit: (what: InternalEvent) => internalEvents.push(what) },
    }
    const source = rtsp({ ...DEFAULTS, url, ...options }, deps)
    return { source, internalEvents, deps }
  }

  /** Signals of a supervised camera, collected while it runs; it is stopped after the test. */
  const follow = (url: string, options: Partial<RtspOptions> & { stallTimeoutMs?: number } = {}) => {
    const { stallTimeoutMs = 5000, ...camera } = options
    let onWaiting = () => {}
    const { source, internalEvents, deps } = cameraOf(url, { ...camera, onWaiting: () => onWaiting() })
    const signals: Signal<Frame>[] = []
    const backoff = {
      firstMs: 200,
      quickMs: 400,
      quickRetries: 2,
      maxMs: 1000,
      authFirstMs: 120_000,
      authMaxMs: 900_000,
    }
    const open = (stillWaiting: () => void) => {
      onWaiting = stillWaiting
      return source
    }
    const subscription = supervise(open, { camera: 'yard', stallTimeoutMs, backoff }, deps).subscribe(signal =>
      signals.push(signal),
    )
    cleanups.push(() => subscription.unsubscribe())
    const frames = () => signals.filter(signal => signal.kind === 'frame')
    const states = () => signals.flatMap(signal => (signal.kind === 'status' ? [signal.reason ?? signal.state] : []))
    return { signals, frames, states, internalEvents, subscription }
  }

  return { ffmpeg: () => ffmpeg, cleanups, cameraOf, follow }
}
