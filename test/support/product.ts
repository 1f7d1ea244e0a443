/** Runs the product as a process of its own, as a user does, and reads its output and metrics. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { metricSum } from './metricSum.ts'
import { type OpenFolder, openFolder } from './openFolder.ts'
import { until } from './until.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MODELS = join(ROOT, 'node_modules/.cache/watchword/models')

export interface Product {
  readonly dir: string
  readonly child: ChildProcess
  /** All that it printed so far, both streams. */
  output(): string
  /** Resolves to the ms since its start when a line of the output matches. @throws when it ended, or did not in time */
  says(pattern: RegExp, timeoutMs?: number): Promise<number>
  /** The text of /metrics; empty before its address is printed. */
  metrics(): Promise<string>
  /** Sum of a metric's series whose labels match. */
  metric(name: string, labels?: RegExp): Promise<number>
  /** The exit code; null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** The sources, or the build in `dist` as it is published. */
export type Program = 'sources' | 'build'

/** @param models folder of ready models; tests share one, because making them takes seconds. null: none is ready */
export function dataDirectory(models: string | null = MODELS): OpenFolder {
  const folder = openFolder()
  if (models !== null) linkModels(folder.path, models)
  return folder
}

/** Makes the models that tests share available in another data directory. */
export function linkModels(dataDir: string, models = MODELS): void {
  mkdirSync(models, { recursive: true })
  symlinkSync(models, join(dataDir, 'models'))
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  dir: string,
): Promise<{ code: number | null; output: string; stdout: string }> {
  const child = start(args, dir, 'sources')
  const output = collect(child.stdout, child.stderr)
  const stdout = collect(child.stdout)
  const [code] = await once(child, 'close')
  return { code, output: output(), stdout: stdout() }
}

/**
 * Starts `watchword run`.
 * @param config written to `<dir>/watchword.yaml`; null: the demo
 * @param env added to our own environment
 */
export async function startProduct(
  dir: string,
  config: unknown,
  program: Program = 'sources',
  env: NodeJS.ProcessEnv = {},
): Promise<Product> {
  const path = join(dir, 'watchword.yaml')
  if (config !== null) writeFileSync(path, JSON.stringify(config, null, 2))
  const startedAt = performance.now()
  const child = start(config === null ? ['run'] : ['run', path], dir, program, env)
  const output = collect(child.stdout, child.stderr)
  let hasClosed = false
  const closed = once(child, 'close').then(([code]: (number | null)[]) => {
    hasClosed = true
    return code ?? null
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  void closed.then(() => process.off('exit', kill))
  const metrics = async () => {
    const address = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(output())?.[0]
    return address ? (await fetch(address)).text() : ''
  }
  return {
    dir,
    child,
    output,
    metrics,
    async says(pattern, timeoutMs = 60_000) {
      await until(() => pattern.test(output()) || hasClosed, `${pattern} in the output:\n${output()}`, timeoutMs)
      if (!pattern.test(output())) throw new Error(`Expected ${pattern} before the end of the output:\n${output()}`)
      return performance.now() - startedAt
    },
    metric: async (name, labels) => metricSum(await metrics(), name, labels),
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return closed
    },
  }
}

function start(args: readonly string[], dir: string, program: Program, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const isBuild = program === 'build'
  const command = isBuild ? [join(ROOT, 'bin/watchword.js')] : ['--import', 'tsx', 'src/main.ts']
  return spawn(process.execPath, [...command, ...args], {
    cwd: isBuild ? dir : ROOT,
    env: { ...process.env, ...env, WATCHWORD_DATA: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function collect(...streams: (Readable | null)[]): () => string {
  let text = ''
  for (const stream of streams)
    stream?.on('data', chunk => {
      text += chunk
    })
  return () => text
}
