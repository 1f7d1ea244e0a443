/** Measures the event loop's delay and the free disk space every few seconds, for the health checks. */

import { statfs } from 'node:fs/promises'
import type { HealthChecks } from '../../telemetry/healthChecks.ts'
import { measureEventLoopDelay } from '../../util/eventLoopDelay.ts'

const EVERY_MS = 5000

/**
 * @param paths folders whose disks are checked
 * @returns stops measuring
 */
export function measureHealth(healthChecks: HealthChecks, paths: readonly string[]): () => void {
  const delay = measureEventLoopDelay()
  const measure = async () => {
    const disks = await Promise.all(paths.map(freeAt))
    healthChecks.measure({
      now: performance.now(),
      eventLoopSeconds: delay.takeP99Seconds(),
      disks: disks.flatMap(disk => disk ?? []),
    })
  }
  const timer = setInterval(() => void measure(), EVERY_MS)
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
    return null // the folder does not exist yet, or the system has no statfs
  }
}
