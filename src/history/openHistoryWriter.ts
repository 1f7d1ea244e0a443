/** Keeps what the encoder saw: frames wait some seconds, near copies lose their vectors, a thread writes the rest to disk. */

import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EncodedFrame, Signal } from '../types.ts'
import { createHeldFrames, type HeldFrames } from './heldFrames.ts'
import type { HistoryWriter } from './history.ts'
import { framesOf, startHistoryThread } from './historyThread.ts'
import type { HistoryModel } from './storedFrame.ts'

export interface HistoryWriterOptions {
  readonly dataDir: string
  readonly model: HistoryModel
  /** Older history is removed. */
  readonly maxAgeMs: number
  /** Most disk space of all cameras together; above it the oldest history is removed. */
  readonly maxBytes: number
  /** Whether novel views are kept as small JPEGs. */
  readonly thumbnails: boolean
  readonly telemetry: Telemetry
  /** Reports once that the disk fails, and once that it works again. */
  readonly health: { failed(error: unknown): void; worked(): void }
  /** So long frames wait for `keepExact`, ms. Default: 5000. */
  readonly holdMs?: number
}

const HOLD_MS = 5000
const FLUSH_MS = 1000

export function openHistoryWriter(options: HistoryWriterOptions): HistoryWriter {
  const { dataDir, model, maxAgeMs, maxBytes, thumbnails, telemetry, health, holdMs = HOLD_MS } = options
  const cameras = new Map<string, HeldFrames>()
  const heldOf = (camera: string): HeldFrames => {
    const known = cameras.get(camera)
    if (known !== undefined) return known
    const made = createHeldFrames({ camera, holdMs, thumbnails, dim: model.dim, now: () => performance.now() })
    cameras.set(camera, made)
    return made
  }
  const thread = startHistoryThread(
    { dataDir, model, maxAgeMs, maxBytes },
    { telemetry, health, onLost: camera => cameras.get(camera)?.forget() },
  )
  const flush = (all: boolean) => {
    thread.check()
    for (const [camera, held] of cameras) {
      const batch = held.release(all)
      if (batch === null || thread.write(batch)) continue
      telemetry.emit({ type: 'HistorySkipped', camera, reason: 'busy', frames: framesOf(batch) })
      held.forget()
    }
  }
  const timer = setInterval(() => flush(false), FLUSH_MS).unref()
  let isClosed = false
  return {
    take: (signal: Signal<EncodedFrame>) => {
      if (isClosed) return
      const camera = signal.kind === 'status' ? signal.camera : signal.frame.camera
      if (!heldOf(camera).take(signal)) telemetry.emit({ type: 'HistorySkipped', camera, reason: 'busy', frames: 1 })
    },
    keepExact: camera => cameras.get(camera)?.keepExact(),
    close: async () => {
      isClosed = true
      clearInterval(timer)
      flush(true)
      await thread.close()
    },
  }
}
