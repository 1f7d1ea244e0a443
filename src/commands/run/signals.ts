/** What the process is told by signals: to stop, and to read its config again. */

/** The first SIGINT or SIGTERM stops in order, a second one at once. Gives the way to stop listening. */
export function onStopSignals(stop: (reason: string) => void): () => void {
  let asked = false
  const handle = (signal: NodeJS.Signals) => {
    if (asked) process.exit(1)
    asked = true
    stop(signal)
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  return () => {
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
}

export interface Hangup {
  /** Calls this on every SIGHUP, and now if one came before there was anybody to tell. */
  follow(reload: () => void): void
  forget(): void
}

/** Listens at once: a SIGHUP that nobody hears ends a process. */
export function onHangup(): Hangup {
  let missed = false
  let tell = () => {
    missed = true
  }
  const handle = () => tell()
  process.on('SIGHUP', handle)
  return {
    follow(reload) {
      tell = reload
      if (missed) reload()
    },
    forget: () => void process.off('SIGHUP', handle),
  }
}
