/** Measures how busy the encoder is: the fraction of the last seconds in which it worked. */

export interface EncoderLoad {
  /** @param now steady clock, ms */
  started(now: number): void
  stopped(now: number): void
  /** [0, 1] */
  busy(now: number): number
}

/** Time constant of the average. */
const TAU_MS = 10_000

export function measureLoad(): EncoderLoad {
  let [fraction, at] = [0, 0]
  let isWorking = false
  const advance = (now: number) => {
    const alpha = 1 - Math.exp(-Math.max(0, now - at) / TAU_MS)
    fraction += alpha * (Number(isWorking) - fraction)
    at = now
  }
  return {
    started: now => {
      advance(now)
      isWorking = true
    },
    stopped: now => {
      advance(now)
      isWorking = false
    },
    busy: now => {
      advance(now)
      return fraction
    },
  }
}
