/**
 * RTP timestamps for ffmpeg, which keeps the first frame of each slot of 1/fps. They follow the arrival of packets on a
 * steady clock, whatever the camera's clock does.
 */

export interface SlotClock {
  /** Moves to the arrival of a frame: ffmpeg decides whether it is the first of its slot. @returns where in the slot, [0, 1) */
  arrive(nowMs: number): number
  /** Whether a keyframe that arrives now is to be sampled, when no other frames reach ffmpeg. */
  isDue(nowMs: number): boolean
  /** Moves to the middle of the next slot, so that ffmpeg keeps the frame whatever the jitter of its arrival. */
  advance(nowMs: number): void
  /** Timestamp of the frame that comes after `advance`, for what must be sent before it. */
  nextTicks(): number
  /** Timestamp of the current frame, 32 bits. */
  ticks(): number
}

export interface SlotClockOptions {
  /** RTP clock, Hz. */
  readonly clockRate: number
  /** Frames a second that are wanted. */
  readonly fps: number
}

/** A keyframe this much before its slot counts for that slot, so that jitter skips none; in slots. */
const EARLY = 0.25
const SIZE = 2 ** 32

export function createSlotClock({ clockRate, fps }: SlotClockOptions): SlotClock {
  const slotTicks = clockRate / fps
  /** Of the first frame: ffmpeg counts slots from there. */
  let base: number | null = null
  /** The newest slot of which ffmpeg has a frame. */
  let slot = 0
  let current = 0
  const ticksAt = (ms: number) => (ms * clockRate) / 1000
  const positionOf = (ticks: number) => (ticks - (base ?? ticks)) / slotTicks
  const middleOf = (index: number) => (base ?? 0) + (index + 0.5) * slotTicks
  return {
    arrive(nowMs) {
      // No two frames share a tick.
      current = base === null ? ticksAt(nowMs) : Math.max(current + clockRate / 1000, ticksAt(nowMs))
      base ??= current
      const position = positionOf(current)
      slot = Math.max(slot, Math.floor(position))
      return position - Math.floor(position)
    },
    isDue: nowMs => positionOf(ticksAt(nowMs)) >= slot + 1 - EARLY,
    advance(nowMs) {
      slot = Math.max(slot + 1, Math.floor(positionOf(ticksAt(nowMs))))
      current = Math.max(current, middleOf(slot))
    },
    nextTicks: () => Math.round(Math.max(current, middleOf(slot + 1))) % SIZE,
    ticks: () => Math.round(current) % SIZE,
  }
}
