/** Runs the product as a process of its own, as a user does, and looks at what it says. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const MODELS = join(ROOT, 'node_modules/.cache/watchword/models')

export interface Watchword {
  readonly dir: string
  readonly child: ChildProcess
  /** All that it printed so far, both streams. */
  output(): string
  /** Resolves when a line of it fits. */
  says(pattern: RegExp, timeoutMs?: number): Promise<void>
  metrics(): Promise<string>
  /** Sum of a metric's series whose labels fit. */
  metric(name: string, labels?: RegExp): Promise<number>
  /** The exit code; null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** A data directory whose models are shared among tests: making them takes seconds. */
export function dataDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'watchword-data-'))
  mkdirSync(MODELS, { recursive: true })
  symlinkSync(MODELS, join(path, 'models'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs a command to its end. */
export async function watchword(
  args: readonly string[],
  dir: string,
): Promise<{ code: number | null; output: string; stdout: string }> {
  const child = start(args, dir)
  const output = collect(child.stdout, child.stderr)
  const stdout = collect(child.stdout)
  const [code] = await once(child, 'close')
  return { code, output: output(), stdout: stdout() }
}

/** `run` with this config (YAML or JSON), written to `<dir>/watchword.yaml`. */
export async function runWatchword(dir: string, config: unknown): Promise<Watchword> {
  const path = join(dir, 'watchword.yaml')
  writeFileSync(path, JSON.stringify(config, null, 2))
  const child = start(['run', path], dir)
  const output = collect(child.stdout, child.stderr)
  const says = (pattern: RegExp, timeoutMs = 60_000) =>
    until(() => pattern.test(output()), `${pattern} in what it says:\n${output()}`, timeoutMs)
  const metrics = async () => {
    const address = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(output())?.[0]
    return address ? (await fetch(address)).text() : ''
  }
  return {
    dir,
    child,
    output,
    says,
    metrics,
    async metric(name, labels = /.*/) {
      const lines = (await metrics())
        .split('\n')
        .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      return lines.filter(line => labels.test(line)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const exited = once(child, 'close')
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}

function start(args: readonly string[], dir: string): ChildProcess {
  const env = { ...process.env, WATCHWORD_DATA: dir }
  const command = ['--import', 'tsx', 'src/main.ts', ...args]
  return spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function collect(...streams: (Readable | null)[]): () => string {
  let text = ''
  for (const stream of streams)
    stream?.on('data', chunk => {
      text += chunk
    })
  return () => text
}
