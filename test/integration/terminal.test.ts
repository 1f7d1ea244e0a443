/** How `run` prints and ends, with the streams that a shell, a service manager or a terminal gives it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDirectory } from '../../src/util/lockDirectory.ts'
import { dataDirectory, type Product, startProduct } from '../support/product.ts'
import { until } from '../support/until.ts'

const CONFIG = { metrics: { port: 0 }, cameras: { street: { url: 'demo:street?lighting=day&seed=11', fps: 4 } } }
const COMMAND = [process.execPath, '--import', 'tsx', 'src/main.ts', 'run']
const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0

let data: ReturnType<typeof dataDirectory>
let product: Product | null = null
let other: ChildProcess | null = null

beforeEach(() => {
  data = dataDirectory()
})
afterEach(async () => {
  await product?.stop('SIGKILL')
  if (other !== null && other.exitCode === null && other.signalCode === null) other.kill('SIGKILL')
  product = null
  other = null
  data.remove()
})

const journaled = (type: string) =>
  readFileSync(join(data.path, 'events.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line !== '' && JSON.parse(line).type === type).length

/** `run` with this config, through another program. */
function start(command: string, args: readonly string[]): ChildProcess {
  const path = join(data.path, 'watchword.yaml')
  writeFileSync(path, JSON.stringify(CONFIG))
  const env = { ...process.env, WATCHWORD_DATA: data.path, CONFIG: path }
  other = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'], timeout: 120_000, killSignal: 'SIGKILL' })
  return other
}

test('two SIGTERMs at once end the open events once; every event was printed once', async () => {
  product = await startProduct(data.path, CONFIG)
  await product.says(/ {2}began {2}/)
  product.child.kill('SIGTERM')
  expect(await product.stop('SIGTERM')).toBe(0)
  expect(journaled('new')).toBeGreaterThan(0)
  expect(journaled('end')).toBe(journaled('new'))
  expect(product.output().match(/\bbegan\b/g)).toHaveLength(journaled('new'))
  expect(product.output().match(/\bended\b/g)).toHaveLength(journaled('new'))
  const lock = await lockDirectory(data.path)
  expect(lock, 'the data directory is free').not.toBeNull()
  await lock?.release()
})

test('a reader that ends, as `head` does, ends the watch', async () => {
  const run = `${COMMAND.map(part => `'${part}'`).join(' ')} "$CONFIG" 2>&1`
  // Descriptor 3 is our standard output: the exit code does not go through the pipe.
  const line = `{ { ${run}; echo "exit $?" >&3; } | head -2; } 3>&1`
  const shell = start('sh', ['-c', line])
  expect(await text(shell.stdout as NonNullable<typeof shell.stdout>)).toMatch(/^.+\n.+\nexit 0\n$/)
})

describe.skipIf(!hasPython)('in a terminal', () => {
  test('closing it ends the watch without an abort, and its events with it', async () => {
    const terminal = start('python3', ['test/support/terminal.py', ...COMMAND, join(data.path, 'watchword.yaml')])
    let output = ''
    terminal.stdout?.on('data', chunk => {
      output += chunk
    })
    const isWatching = () => existsSync(join(data.path, 'events.jsonl')) && journaled('new') > 0
    await until(isWatching, 'an event', 90_000)
    const ended = once(terminal, 'close')
    terminal.stdin?.end('close\n')
    await ended
    expect(output.trimEnd()).toMatch(/exit 0$/)
    expect(journaled('end')).toBe(journaled('new'))
  })
})
