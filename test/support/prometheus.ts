/** A real Prometheus for tests: scrapes one target every half second and answers queries. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, untilListening, which } from './mosquitto.ts'
import { openFolder } from './openFolder.ts'

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

export interface Prometheus {
  /** An instant query. Rejects when Prometheus does not understand it. */
  query(expr: string): Promise<Sample[]>
  remove(): Promise<void>
}

export const hasPrometheus = which('prometheus') && which('promtool')

/** @param target host:port */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const { path: dir, remove } = openFolder('watchword-prometheus-')
  const port = await freePort()
  const config = join(dir, 'prometheus.yml')
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '500ms' },
      scrape_configs: [{ job_name: 'watchword', static_configs: [{ targets: [target] }] }],
    }),
  )
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  )
  await untilListening(port, 30_000)
  return {
    query: async expr => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`)
      const body = (await response.json()) as Answer
      if (body.status !== 'success') throw new Error(`${expr}: ${body.error}`)
      return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
    },
    remove: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      remove()
    },
  }
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: {
    readonly result: readonly { metric: Record<string, string>; value: [number, string] }[]
  }
}
