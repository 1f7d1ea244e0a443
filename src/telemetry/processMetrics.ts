/** What the process itself costs. The names are those of prom-client's default metrics. */

import { readdirSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'
import { measureEventLoopDelay } from '../util/eventLoopDelay.ts'

/** @returns a function that stops the measuring */
export function registerProcessMetrics(registry: Registry): () => void {
  const registers = [registry]
  const delay = measureEventLoopDelay()
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time of this process in seconds; its ffmpeg children are not in it.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  gauge(registry, 'process_resident_memory_bytes', 'Resident memory in bytes.', () => process.memoryUsage.rss())
  gauge(registry, 'process_start_time_seconds', 'Start of the process in seconds since the epoch.', startSeconds)
  gauge(registry, 'process_open_fds', 'Open file descriptors; only on Linux.', openFiles)
  gauge(
    registry,
    'nodejs_heap_size_used_bytes',
    'JavaScript heap in use in bytes.',
    () => process.memoryUsage().heapUsed,
  )
  gauge(
    registry,
    'nodejs_eventloop_lag_p99_seconds',
    'Event loop delay since the last scrape, 99th percentile, in seconds.',
    delay.takeP99Seconds,
  )
  return delay.close
}

function startSeconds(): number {
  return Date.now() / 1000 - process.uptime()
}

function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : Number.NaN
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}
