/** SIGHUP: a service receives it as a request to reload, a terminal sends it when it is closed. */

export interface Hangup {
  /** Calls this on every SIGHUP, and now if one came before. */
  follow(reload: () => void): void
  /** Stops listening. */
  close(): void
}

/** Listens from the start, because a SIGHUP without a listener ends a process. */
export function onHangup(): Hangup {
  let missed = false
  let onSignal = () => {
    missed = true
  }
  const handle = () => onSignal()
  process.on('SIGHUP', handle)
  return {
    follow(reload) {
      onSignal = reload
      if (missed) reload()
    },
    close: () => void process.off('SIGHUP', handle),
  }
}

/** Whether SIGHUP means that the terminal was closed. */
export function isInTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY === true)
}
