/** Runs fits one at a time between frames: a fit of 400 images takes about 35 ms of the main thread. */

export interface FitQueue {
  /** Runs `work` later, never within this call. A waiting fit with the same key is replaced. */
  push(key: string, work: () => void): void
  /** Nothing runs any more. */
  close(): void
}

export interface FitQueueDeps {
  /** Calls `task` once after at least `delayMs`, in a turn of the event loop of its own; returns how to cancel that. */
  readonly schedule: (task: () => void, delayMs: number) => () => void
  /** Steady clock, ms. */
  readonly now: () => number
}

/** After a fit the queue waits this many times as long as the fit took: it uses a third of the main thread at most. */
const PAUSE_FACTOR = 2
/** Least pause, ms: frames and sockets get their turn. */
const LEAST_PAUSE_MS = 5

export function createFitQueue({ schedule, now }: FitQueueDeps): FitQueue {
  const waiting = new Map<string, () => void>()
  let cancel: (() => void) | null = null

  const run = () => {
    cancel = null
    const [first] = waiting
    if (first === undefined) return
    waiting.delete(first[0])
    const startedAt = now()
    first[1]()
    if (waiting.size > 0) plan(Math.max(LEAST_PAUSE_MS, PAUSE_FACTOR * (now() - startedAt)))
  }
  const plan = (delayMs: number) => {
    cancel ??= schedule(run, delayMs)
  }
  return {
    push: (key, work) => {
      waiting.set(key, work)
      plan(LEAST_PAUSE_MS)
    },
    close: () => {
      waiting.clear()
      cancel?.()
    },
  }
}
