/** The slots of all cameras before the encoder, and which of them have a frame to encode. */

import { asyncScheduler } from 'rxjs'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EncodedBatch, EncodedFrame, MarkedFrame, Signal } from '../../types.ts'
import { type CameraSlot, createCameraSlot } from './cameraSlot.ts'

export interface CameraSlots {
  /** Takes the next signal of a camera. A waiting frame that it replaces is counted as `stale`. */
  push(signal: Signal<MarkedFrame>): void
  /** Cameras with a frame to encode → since when a frame waits in their slot, ms. The longest waiting comes first. */
  readonly waiting: ReadonlyMap<string, number>
  /** Number of cameras that may send more frames. */
  live(): number
  /** Takes the waiting frames of the first `most` cameras out for the encoder. */
  depart(most: number): MarkedFrame[]
  /** The encoder answered for the frames taken out: with their batch, or null when it was lost. */
  arrive(frames: readonly MarkedFrame[], batch: EncodedBatch | null): void
  /** Discards all frames and counts them as `shutdown`. */
  discard(): void
}

/** `emit` gets the signals that flow on, in order per camera. */
export function createCameraSlots(telemetry: Telemetry, emit: (signal: Signal<EncodedFrame>) => void): CameraSlots {
  const slots = new Map<string, CameraSlot>()
  const waiting = new Map<string, number>()

  const slotOf = (camera: string): CameraSlot => {
    const known = slots.get(camera)
    if (known) return known
    const slot = createCameraSlot(telemetry)
    slots.set(camera, slot)
    return slot
  }

  /** Emits what is ready and records whether a frame is left to encode. */
  const settle = (camera: string, slot: CameraSlot) => {
    for (const signal of slot.ready()) emit(signal)
    if (!slot.waits()) waiting.delete(camera)
    else if (!waiting.has(camera)) waiting.set(camera, asyncScheduler.now())
    if (slot.isOver()) slots.delete(camera)
  }

  return {
    push(signal) {
      const slot = slotOf(signal.camera)
      const replaced = slot.push(signal)
      if (replaced) telemetry.emit({ type: 'FramesDropped', camera: signal.camera, reason: 'stale', count: 1 })
      settle(signal.camera, slot)
    },
    waiting,
    live: () => [...slots.values()].filter(slot => slot.isLive()).length,
    depart: most =>
      [...waiting.keys()].slice(0, most).flatMap(camera => {
        waiting.delete(camera)
        return slotOf(camera).depart() ?? []
      }),
    arrive(frames, batch) {
      frames.forEach(({ camera }, index) => {
        const slot = slotOf(camera)
        const embedding = batch?.embeddings[index]
        slot.arrive(batch && embedding ? { embedding, variant: batch.variant } : null)
        settle(camera, slot)
      })
    },
    discard() {
      for (const [camera, slot] of slots) {
        const count = slot.frames()
        if (count > 0) telemetry.emit({ type: 'FramesDropped', camera, reason: 'shutdown', count })
      }
      slots.clear()
    },
  }
}
