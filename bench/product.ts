/** The whole product as a process of its own, as a user runs it: from dist, so `npm run build` comes first. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../bin/watchword.js', import.meta.url))

export interface Product {
  readonly pid: number
  output(): string
  /** Resolves to the milliseconds since the start at which its output fitted. @throws when it ended, or did not in time. */
  says(pattern: RegExp, timeoutMs?: number): Promise<number>
  /** Sum of the metric's series whose labels fit. */
  metric(name: string, labels?: RegExp): Promise<number>
  stop(): Promise<void>
}

export interface ProductOptions {
  /** null: what `npm start` runs. */
  readonly config: object | null
  /** A data directory whose models are taken; null: an empty one. */
  readonly models: string | null
}

export async function startProduct({ config, models }: ProductOptions): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), 'watchword-bench-run-'))
  if (models !== null) await symlink(join(models, 'models'), join(dir, 'models'))
  const path = join(dir, 'config.yaml')
  if (config !== null) writeFileSync(path, JSON.stringify(config))
  const startedAt = performance.now()
  const child = spawn(process.execPath, [PROGRAM, 'run', ...(config === null ? [] : [path])], {
    cwd: dir,
    env: { ...process.env, WATCHWORD_DATA: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close')
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      text += chunk
    })
  }
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    pid: child.pid ?? 0,
    output: () => text,
    async says(pattern, timeoutMs = 120_000) {
      while (!pattern.test(text)) {
        if (child.exitCode !== null || performance.now() - startedAt > timeoutMs)
          throw new Error(`Expected ${pattern} in what watchword said:\n${text}`)
        await sleep(20)
      }
      return performance.now() - startedAt
    },
    async metric(name, labels = /.*/) {
      const address = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(text)?.[0]
      if (address === undefined) throw new Error(`Expected the address of /metrics in:\n${text}`)
      const lines = (await (await fetch(address)).text()).split('\n')
      return lines
        .filter(line => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && labels.test(line))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await exited
      await rm(dir, { recursive: true, force: true })
    },
  }
}
