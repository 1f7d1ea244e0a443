/** Measures the event loop's delay and the free disk space every few seconds, for the health checks. */

import type { HealthChecks } from '../../telemetry/healthChecks.ts'
import { measureEventLoopDelay } from '../../util/eventLoopDelay.ts'
import { openDiskMeter } from './openDiskMeter.ts'

const EVERY_MS = 5000

/**
 * @param paths folders whose disks are checked
 * @returns stops measuring
 */
export function measureHealth(healthChecks: HealthChecks, paths: readonly string[]): () => void {
  const delay = measureEventLoopDelay()
  const meters = paths.map(path => ({ path, measure: openDiskMeter(path) }))
  const measure = async () => {
    const disks = await Promise.all(meters.map(async meter => ({ path: meter.path, freeBytes: await meter.measure() })))
    healthChecks.measure({
      now: performance.now(),
      eventLoopSeconds: delay.takeP99Seconds(),
      disks: disks.flatMap(({ path, freeBytes }) => (freeBytes === null ? [] : { path, freeBytes })),
    })
  }
  const timer = setInterval(() => void measure(), EVERY_MS)
  return () => {
    clearInterval(timer)
    delay.close()
  }
}
