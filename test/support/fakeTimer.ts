/** A steady clock and a timer that a test moves on, one task a turn. */

export interface FakeTimer {
  readonly now: () => number
  readonly schedule: (task: () => void, delayMs: number) => () => void
  /** Runs the task that is due next, and sets the clock to its time. Returns false when none waits. */
  turn(): boolean
  /** Lets time pass within a task. */
  pass(ms: number): void
  /** Number of tasks that wait. */
  planned(): number
}

export function createFakeTimer(): FakeTimer {
  let time = 0
  let tasks: { readonly at: number; readonly task: () => void }[] = []
  return {
    now: () => time,
    schedule: (task, delayMs) => {
      const planned = { at: time + delayMs, task }
      tasks.push(planned)
      return () => {
        tasks = tasks.filter(one => one !== planned)
      }
    },
    turn: () => {
      const [next] = tasks.toSorted((a, b) => a.at - b.at)
      if (next === undefined) return false
      tasks = tasks.filter(one => one !== next)
      time = Math.max(time, next.at)
      next.task()
      return true
    },
    pass: ms => {
      time += ms
    },
    planned: () => tasks.length,
  }
}
