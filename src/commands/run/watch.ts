/** Feeds the health checks with what is measured, every few seconds. */

import type { HealthChecks } from '../../telemetry/healthChecks.ts'
import { measureEventLoopDelay } from '../../util/eventLoopDelay.ts'
import { openDiskMeter } from './openDiskMeter.ts'

const EVERY_MS = 5000

/** @param paths folders whose disks must not run full. Gives the way to stop. */
export function startWatching(dogs: HealthChecks, paths: readonly string[]): () => void {
  const delay = measureEventLoopDelay()
  const meters = paths.map(path => ({ path, measure: openDiskMeter(path) }))
  const look = async () => {
    const disks = await Promise.all(meters.map(async ({ path, measure }) => ({ path, free: await measure() })))
    dogs.measure({
      now: performance.now(),
      eventLoopSeconds: delay.takeP99Seconds(),
      disks: disks.flatMap(({ path, free }) => (free === null ? [] : { path, free })),
    })
  }
  const timer = setInterval(() => void look(), EVERY_MS)
  return () => {
    clearInterval(timer)
    delay.close()
  }
}
