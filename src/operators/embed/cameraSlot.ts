/** One camera's slot before the encoder: at most one frame waits and one is being encoded; statuses keep their place between them. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { CameraStatus, EncodedFrame, MarkedFrame, Signal } from '../../types.ts'

export interface Embedded {
  readonly embedding: Float32Array
  readonly variant: string
}

export interface CameraSlot {
  /** Takes the next signal. Returns true when it replaced a waiting frame. */
  push(signal: Signal<MarkedFrame>): boolean
  /** Signals that may flow on now, in order. */
  ready(): Signal<EncodedFrame>[]
  /** True while a frame waits that must, or may have to, be encoded. */
  waits(): boolean
  /** Takes the waiting frame out for the encoder; null when none waits. */
  depart(): MarkedFrame | null
  /** The encoder answered for the frame taken out: with its embedding, or null when the batch was lost. */
  arrive(embedded: Embedded | null): void
  /** Frames held, waiting or being encoded. */
  frames(): number
  /** True while more frames may come. */
  isLive(): boolean
  /** True when nothing is held and nothing is expected: the slot may be removed. */
  isOver(): boolean
}

type Held =
  | { kind: 'status'; status: CameraStatus }
  | { kind: 'frame'; frame: MarkedFrame; number: number; state: 'waiting' | 'flying' | 'encoded'; reused: boolean }

export function createCameraSlot(telemetry: Telemetry): CameraSlot {
  const held: Held[] = []
  let last: Embedded | null = null
  let live = false
  // Arrival numbers. A still frame shows the scene of the newest frame that was not still: the reference. It may use
  // the last embedding when that frame, or a later still one in its place, has been encoded.
  let arrivals = 0
  let referenceNumber = 0
  let embeddedNumber = -1

  const hold = (frame: MarkedFrame): boolean => {
    arrivals += 1
    live = true
    if (!frame.still) referenceNumber = arrivals
    const replaced = frameIndex(held, 'waiting')
    if (replaced >= 0) held.splice(replaced, 1)
    held.push({ kind: 'frame', frame, number: arrivals, state: 'waiting', reused: false })
    return replaced >= 0
  }

  const release = (item: Held): Signal<EncodedFrame> | null => {
    if (item.kind === 'status') {
      // The next frame may show a completely different scene.
      if (item.status.state !== 'online') last = null
      return item.status
    }
    if (item.state === 'waiting' && item.frame.still && last && embeddedNumber >= referenceNumber) {
      telemetry.emit({ type: 'FrameSkipped', camera: item.frame.camera })
      return { kind: 'frame', frame: item.frame, ...last, reused: true, views: [] }
    }
    return item.state === 'encoded' && last
      ? { kind: 'frame', frame: item.frame, ...last, reused: false, views: [] }
      : null
  }

  return {
    push(signal) {
      if (signal.kind === 'frame') return hold(signal)
      live = signal.state === 'online'
      holdStatus(held, signal)
      return false
    },
    ready() {
      const signals: Signal<EncodedFrame>[] = []
      for (let head = held[0]; head !== undefined; head = held[0]) {
        const signal = release(head)
        if (signal === null) break
        signals.push(signal)
        held.shift()
      }
      return signals
    },
    waits: () => frameIndex(held, 'waiting') >= 0,
    depart() {
      const item = held[frameIndex(held, 'waiting')]
      if (item?.kind !== 'frame') return null
      item.state = 'flying'
      return item.frame
    },
    arrive(embedded) {
      const index = frameIndex(held, 'flying')
      const item = held[index]
      if (item?.kind !== 'frame') return
      if (embedded === null) {
        held.splice(index, 1)
        return
      }
      last = embedded
      embeddedNumber = item.number
      item.state = 'encoded'
    },
    frames: () => held.filter(item => item.kind === 'frame').length,
    isLive: () => live,
    isOver: () => !live && held.length === 0,
  }
}

function frameIndex(held: readonly Held[], state: 'waiting' | 'flying'): number {
  return held.findIndex(item => item.kind === 'frame' && item.state === state)
}

/** Statuses that may wait behind a frame; beyond that the newest replaces the last. A stuck encoder must not fill memory. */
const MOST_STATUSES = 8

function holdStatus(held: Held[], status: CameraStatus): void {
  const tail = held.slice(-MOST_STATUSES)
  const full = tail.length === MOST_STATUSES && tail.every(item => item.kind === 'status')
  if (full) held.pop()
  held.push({ kind: 'status', status })
}
