/**
 * Ends the process although a thread waits for a disk or a name server. C's `exit` joins Node's threads for files and host
 * names, so that `process.exit` would wait as long as they do.
 */

import { setTimeout as sleep } from 'node:timers/promises'

/** Work that occupies a thread; timers, sockets and watchers do not. */
const THREAD_WORK = /^(FSReq|FileHandleCloseReq|CloseReq|GetAddrInfo|GetNameInfo)/

/** How long it may take to end by itself. */
const TIMEOUT_MS = 500

/** As `process.exit`; where a thread stays blocked, the process is killed, after its `exit` listeners. */
export async function exitProcess(code: number): Promise<void> {
  if (await isBlocked()) killProcess(code)
  process.exit(code)
}

/** Whether a thread still waits for a disk or a name server after half a second. */
export async function isBlocked(): Promise<boolean> {
  const until = performance.now() + TIMEOUT_MS
  while (process.getActiveResourcesInfo().some(name => THREAD_WORK.test(name))) {
    if (performance.now() > until) return true
    await sleep(10)
  }
  return false
}

/** The other `exit` listeners still remove what is half done. */
export function killProcess(code: number): void {
  process.emit('exit', code)
  process.kill(process.pid, 'SIGKILL')
}
