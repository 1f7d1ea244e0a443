/** The data directory belongs to one run at a time: two would end each other's events and overwrite each other's outbox. */

import { createDiskDeadline } from '../../sinks/sink.ts'
import { WatchwordError } from '../../util/errors.ts'
import { type DirectoryLock, lockDirectory } from '../../util/lockDirectory.ts'

/** How often it is looked whether the directory is still there, and still ours. */
const CHECK_MS = 5000

/**
 * @param onStep called with what a user should know
 * @returns how to release it, in bounded time
 * @throws WatchwordError `data-in-use`
 */
export async function lockDataDirectory(
  dataDir: string,
  onStep: (step: string) => void,
  checkMs = CHECK_MS,
): Promise<() => Promise<void>> {
  const first = await lockDirectory(dataDir)
  if (first === null) throw inUse(dataDir)
  if (first.failure !== null)
    onStep(`Cannot lock ${dataDir}: ${first.failure}. Make sure that no other Watchword uses this directory.`)
  let lock: DirectoryLock = first
  let isLost = false
  const check = async () => {
    if (await lock.isIntact()) return
    const again = await lockDirectory(dataDir)
    if (again === null) {
      if (!isLost) onStep(`${inUse(dataDir).message}: the lock of this one was deleted. Stop one of them.`)
      isLost = true
      return
    }
    await lock.release()
    lock = again
    isLost = false
    onStep(`The data directory ${dataDir} or its lock was deleted by another program; it is made again.`)
  }
  /** One check at a time: a disk that hangs must not gather them. */
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= check().finally(() => {
      running = null
    })
  }, checkMs).unref()
  const deadline = createDiskDeadline({ failed: () => undefined, worked: () => undefined })
  return async () => {
    clearInterval(timer)
    const released = (async () => {
      await running
      await lock.release()
    })()
    await deadline.wait(released)
  }
}

function inUse(dataDir: string): WatchwordError {
  return new WatchwordError(`Another Watchword runs with the data directory ${dataDir}`, {
    code: 'data-in-use',
    hint: 'Stop it, or give this one a `data_dir` (or $WATCHWORD_DATA) of its own.',
    facts: { dataDir },
  })
}
