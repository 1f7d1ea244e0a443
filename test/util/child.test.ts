import { execFile } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runChild, startChild } from '../../src/util/child.ts'
import { isRunning } from '../support/processes.ts'

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

test('hands input to the child and keeps what it says', async () => {
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
    import { startChild } from ${JSON.stringify(new URL('../../src/util/child.ts', import.meta.url).href)}
    const child = startChild(${JSON.stringify(fixture('ignores-sigterm.mjs'))}, { args: [] })
    child.stdout.once('data', pid => { process.stdout.write(pid, () => { ${end} }) })`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const run = promisify(execFile)(process.execPath, args).catch(error => error as { stdout: string })
  const pid = Number((await run).stdout)
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => isRunning(pid)).toBe(false)
})

test('without a free file descriptor it has empty pipes, and its exit says why', async () => {
  const script = `
    import { openSync } from 'node:fs'
    import { runChild, startChild } from '${new URL('../../src/util/child.ts', import.meta.url).href}'
    await runChild('true', { args: [], timeoutMs: 5000 })
    const full = () => { try { for (;;) openSync('/dev/null', 'r') } catch {} }
    full()
    const child = startChild('true', { args: [], extraPipes: 2 })
    const { failure } = await child.exited
    const { failure: other, stdout } = await runChild('true', { args: [], timeoutMs: 5000 })
    console.log(JSON.stringify([child.pipes.length, failure?.code, other?.code, stdout]))`
  const command = 'ulimit -n 256; exec "$0" --import tsx --input-type=module -e "$1"'
  const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, script])
  expect(JSON.parse(stdout)).toEqual([2, 'EMFILE', 'EMFILE', ''])
})
