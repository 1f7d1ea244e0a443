/** The slots of all cameras before the encoder, and which of them have a frame to encode. */

import { asyncScheduler } from 'rxjs'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EncodedFrame, MarkedFrame, Signal } from '../../types.ts'
import { type CameraSlot, createCameraSlot } from './cameraSlot.ts'
import type { Arrival, Departure } from './encodeFrames.ts'

export interface CameraSlots {
  /** Takes the next signal of a camera. A waiting frame that it replaces is counted as `stale`. */
  push(signal: Signal<MarkedFrame>): void
  /** Cameras with a frame to encode → since when a frame waits in their slot, ms. The longest waiting comes first. */
  readonly waiting: ReadonlyMap<string, number>
  /** Number of cameras that may send more frames. */
  live(): number
  /** Takes the waiting frames of the first `most` cameras out for the encoder. Without `crops` their crops are dropped. */
  depart(most: number, options: { readonly crops: boolean }): Departure[]
  /** The encoder answered for the frames taken out: null when they were lost. */
  arrive(departures: readonly Departure[], arrivals: readonly Arrival[] | null): void
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
    const slot = createCameraSlot(camera, telemetry)
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
    depart: (most, options) =>
      [...waiting.keys()].slice(0, most).flatMap(camera => {
        waiting.delete(camera)
        const slot = slotOf(camera)
        const departure = slot.depart(options)
        if (departure === null) settle(camera, slot)
        return departure ?? []
      }),
    arrive(departures, arrivals) {
      departures.forEach(({ frame: { camera } }, index) => {
        const slot = slotOf(camera)
        slot.arrive(arrivals?.[index] ?? null)
        settle(camera, slot)
      })
    },
    discard() {
      for (const slot of slots.values()) slot.discard()
      slots.clear()
    },
  }
}
