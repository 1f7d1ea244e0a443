/** Measures the event loop's delay: how late the timers of this thread fire. */

import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface EventLoopDelay {
  /** 99th percentile since the last call in seconds; 0 when nothing was in the way. */
  takeP99Seconds(): number
  close(): void
}

/** How long a timer of `monitorEventLoopDelay` waits when nothing is in its way; its figures contain it. */
const RESOLUTION_MS = 10

export function measureEventLoopDelay(): EventLoopDelay {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return {
    takeP99Seconds() {
      const seconds = delay.count === 0 ? 0 : delay.percentile(99) / 1e9
      delay.reset()
      return Math.max(0, seconds - RESOLUTION_MS / 1000)
    },
    close: () => void delay.disable(),
  }
}
