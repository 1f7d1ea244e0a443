/** Feeds the health checks with what is measured, every few seconds. */

import { statfs } from 'node:fs/promises'
import type { HealthChecks } from '../../telemetry/healthChecks.ts'
import { measureEventLoopDelay } from '../../util/eventLoopDelay.ts'

const EVERY_MS = 5000

/** @param paths folders whose disks must not run full. Gives the way to stop. */
export function startWatching(dogs: HealthChecks, paths: readonly string[]): () => void {
  const delay = measureEventLoopDelay()
  const look = async () => {
    const disks = await Promise.all(paths.map(freeAt))
    dogs.measure({
      now: performance.now(),
      eventLoopSeconds: delay.takeP99Seconds(),
      disks: disks.flatMap(disk => disk ?? []),
    })
  }
  const timer = setInterval(() => void look(), EVERY_MS)
  return () => {
    clearInterval(timer)
    delay.close()
  }
}

async function freeAt(path: string): Promise<{ path: string; freeBytes: number } | null> {
  try {
    const { bavail, bsize } = await statfs(path)
    return { path, freeBytes: bavail * bsize }
  } catch {
    return null // a folder that is not made yet, or a system without statfs
  }
}
