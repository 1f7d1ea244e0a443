import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { runChild, startChild } from '../../src/util/childProcess.ts'
import { isRunning } from '../support/processes.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/sources/ffmpeg/${name}`, import.meta.url))

/** What the fixture says first: its own pid. */
function pidOf({ stdout }: { stdout: Readable }): Promise<number> {
  return new Promise(resolve => stdout.once('data', chunk => resolve(Number(String(chunk)))))
}

test('kills a child that does not listen to SIGTERM', async () => {
  const child = startChild(fixture('ignores-sigterm.mjs'), { args: [], graceMs: 50 })
  const pid = await pidOf(child)
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL', failure: null })
  expect(isRunning(pid)).toBe(false)
})

test('stops the child when its signal aborts', async () => {
  const stopping = new AbortController()
  const child = startChild(fixture('stalls.mjs'), { args: [], signal: stopping.signal })
  await new Promise(resolve => child.stdout.once('data', resolve))
  stopping.abort()
  expect((await child.exited).signal).toBe('SIGTERM')
})

test('a program that is not there fails with the system’s code and does not throw', async () => {
  const child = startChild('/nowhere/ffmpeg', { args: [] })
  expect(await child.exited).toMatchObject({ code: null, signal: null, failure: { code: 'ENOENT' } })
  await child.stop()
})

test('passes input to the child and keeps its output', async () => {
  const cat = await runChild(process.execPath, {
    args: ['-e', 'process.stdin.pipe(process.stdout)'],
    input: 'rtsp://secret',
    timeoutMs: 10_000,
  })
  expect(cat).toMatchObject({ code: 0, stdout: 'rtsp://secret', timedOut: false })
})

test('ends a child that takes too long', async () => {
  const slow = await runChild(fixture('stalls.mjs'), { args: [], timeoutMs: 300 })
  expect(slow.timedOut).toBe(true)
})

test.each([
  ['exits', 'process.exit(0)'],
  ['crashes', 'setTimeout(() => { throw new Error("bug") })'],
])('no child outlives a process that %s', async (_, end) => {
  const script = `
    import { startChild } from ${JSON.stringify(new URL('../../src/util/childProcess.ts', import.meta.url).href)}
    const child = startChild(${JSON.stringify(fixture('ignores-sigterm.mjs'))}, { args: [] })
    child.stdout.once('data', pid => { process.stdout.write(pid, () => { ${end} }) })`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const run = promisify(execFile)(process.execPath, args).catch(error => error as { stdout: string })
  const pid = Number((await run).stdout)
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => isRunning(pid)).toBe(false)
})

/** A folder for PATH with Node alone in it: no `setpriv` there. */
function pathWithoutSetpriv(): string {
  const folder = temporaryFolder()
  symlinkSync(process.execPath, join(folder, 'node'))
  return folder
}

test.skipIf(process.platform !== 'linux').each([
  ['where setpriv is', () => process.env.PATH],
  ['without setpriv', pathWithoutSetpriv],
])('no child outlives kill -9, whatever the child does: %s', async (_, path) => {
  const script = `
    import { startChild } from ${JSON.stringify(new URL('../../src/util/childProcess.ts', import.meta.url).href)}
    const child = startChild(${JSON.stringify(fixture('ignores-sigterm.mjs'))}, { args: [], extraPipes: 2 })
    child.stdout.once('data', pid => process.stdout.write(pid))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: path() } })
  const pid = await pidOf(parent)
  expect(isRunning(pid)).toBe(true)
  parent.kill('SIGKILL')
  await once(parent, 'close')
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
})

test.skipIf(process.platform !== 'linux')('a child without setpriv keeps its exit code', async () => {
  const folder = pathWithoutSetpriv()
  const before = process.env.PATH
  process.env.PATH = folder
  onTestFinished(() => {
    process.env.PATH = before
  })
  const child = startChild(process.execPath, { args: ['-e', 'process.exitCode = 3'] })
  expect(await child.exited).toEqual({ code: 3, signal: null, failure: null })
  expect(isRunning(child.pid ?? 0)).toBe(false)
})

test.skipIf(process.platform !== 'linux')('a child can’t take more memory than its bound', async () => {
  const args = ['-e', 'try { Buffer.alloc(9e8, 1); console.log("more") } catch { console.log("no more") }']
  const bounded = startChild(process.execPath, { args, memoryBytes: 2 ** 29 })
  let said = ''
  bounded.stdout.on('data', chunk => {
    said += chunk
  })
  await bounded.exited
  expect(said).not.toBe('more\n')
})

test('a child that gets no pipes, for want of file descriptors, fails with the system’s code', async () => {
  const script = `
    import { openSync } from 'node:fs'
    import { startChild } from ${JSON.stringify(new URL('../../src/util/childProcess.ts', import.meta.url).href)}
    const open = []
    try { for (;;) open.push(openSync('/dev/null')) } catch {}
    const child = startChild(process.execPath, { args: ['-v'], extraPipes: 1 })
    process.stdout.write(JSON.stringify(await child.exited))
    process.exit()`
  const args = ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath]
  const { stdout } = await promisify(execFile)('/bin/sh', [
    ...args,
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ])
  expect(JSON.parse(stdout)).toMatchObject({ code: null, failure: { code: 'EMFILE' } })
})
