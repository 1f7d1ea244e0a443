/** Counts the frames and keyframes of a camera by their RTP timestamps: frame rate, keyframe interval, order. */

export interface StreamStatistics {
  /** @param time RTP timestamp of a frame that begins */
  addFrame(time: number): void
  /** @param nowMs arrival, on a clock that never jumps */
  addKeyframe(time: number, nowMs: number): void
  /** Frames that arrived before one that is shown earlier: the stream has B-frames. */
  reordered(): number
  keyframes(): number
  /** Between the last two keyframes, ms; null before the second. */
  keyframeIntervalMs(): number | null
  /** Frames a second by the camera's own clock; null before the third. Sorts, so it is not for every packet. */
  fps(): number | null
}

/** Frames whose times are kept for the frame rate. */
const KEPT_TIMES = 200

/** @param clockRate RTP clock, Hz */
export function createStreamStatistics(clockRate: number): StreamStatistics {
  /** Of the last frames, on the camera's clock, in ticks from the first one on. */
  const times: number[] = []
  let last: number | null = null
  let lastKeyframe: { readonly at: number; readonly time: number } | null = null
  let keyframes = 0
  let keyframeIntervalMs: number | null = null
  let reordered = 0
  return {
    addFrame(time) {
      if (last !== null) {
        const step = (time - last) | 0
        if (step < 0 && step > -2 * clockRate) reordered++
        // After a jump of the clock, timing starts again.
        if (Math.abs(step) > 60 * clockRate) times.length = 0
        times.push((times.at(-1) ?? 0) + step)
        if (times.length > KEPT_TIMES) times.shift()
      }
      last = time
    },
    addKeyframe(time, nowMs) {
      keyframes++
      if (lastKeyframe !== null) {
        const byCameraMs = (((time - lastKeyframe.time) | 0) * 1000) / clockRate
        const byArrivalMs = nowMs - lastKeyframe.at
        // The camera's clock is exact, unless it jumps.
        keyframeIntervalMs = Math.abs(byCameraMs - byArrivalMs) < 2000 ? byCameraMs : byArrivalMs
      }
      lastKeyframe = { at: nowMs, time }
    },
    reordered: () => reordered,
    keyframes: () => keyframes,
    keyframeIntervalMs: () => keyframeIntervalMs,
    fps: () => rateOf(times, clockRate),
  }
}

/** By the median step between neighbours: a pause or a burst changes nothing. */
function rateOf(times: readonly number[], clockRate: number): number | null {
  const sorted = [...times].sort((a, b) => a - b)
  const steps = sorted.slice(1).map((time, i) => time - (sorted[i] ?? time))
  const step = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]
  return step === undefined || step <= 0 ? null : clockRate / step
}
