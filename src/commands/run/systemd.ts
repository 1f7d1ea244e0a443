/** Talks to systemd when run under it (`Type=notify`, `WatchdogSec=`). Node has no datagram Unix sockets: `systemd-notify` sends. */

import { execFile } from 'node:child_process'

export interface Systemd {
  /** Start-up is done. */
  ready(): void
  stopping(): void
  /** Stops the heartbeat. */
  close(): void
}

/**
 * Does nothing outside systemd. Under `WatchdogSec=` a heartbeat goes out at half that time while `alive()` holds:
 * a process whose main thread or encoder is stuck is restarted by systemd. Needs `NotifyAccess=all` in the unit.
 */
export function connectSystemd(env: NodeJS.ProcessEnv, alive: () => boolean): Systemd {
  if (!env.NOTIFY_SOCKET) return { ready: () => {}, stopping: () => {}, close: () => {} }
  const notify = (state: string) => {
    execFile('systemd-notify', [`--pid=${process.pid}`, state], { env }, () => {
      // A message that systemd misses is followed by the next; a lost one needs no report.
    })
  }
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1000
  const heartbeat = watchdogMs > 0 ? setInterval(() => alive() && notify('WATCHDOG=1'), watchdogMs / 2) : null
  return {
    ready: () => notify('READY=1'),
    stopping: () => notify('STOPPING=1'),
    close: () => heartbeat && clearInterval(heartbeat),
  }
}
