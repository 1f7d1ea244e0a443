/** No thread of onnxruntime is ended inside native code: that aborts the process (exit code 134). */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { sourceFiles } from '../support/sourceFiles.ts'

async function run(
  mode: string,
  rounds: number,
): Promise<{ code: number | null; signal: string | null; output: string }> {
  const args = ['--import', 'tsx', 'test/support/nativeThreadChild.ts', mode, String(rounds)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 50_000 })
  const [out, error, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code, signal, output: out + error }
}

it('threads that load, open or run a model are stopped', async () => {
  expect(await run('stop', 6)).toEqual({ code: 0, signal: null, output: 'all stopped\n' })
})

it.each([1, 2])('a process exits while a model runs, time %i', async () => {
  expect(await run('exit', 1)).toEqual({ code: 7, signal: null, output: '' })
})

it('a signal ends a process while a model runs', async () => {
  expect(await run('signal', 1)).toMatchObject({
    code: 143,
    signal: null,
    output: expect.stringContaining('Interrupted'),
  })
})

it('an uncaught error is printed while a model runs', async () => {
  const { code, output } = await run('throw', 1)
  expect(code).toBe(1)
  expect(output).toContain('thrown while a model runs')
  expect(output).not.toContain('Napi')
})

it('a native call that does not return is not waited for', async () => {
  expect(await run('stuck', 1)).toEqual({ code: null, signal: 'SIGKILL', output: '' })
})

it('nothing else ends a thread of onnxruntime', () => {
  const ending = sourceFiles().filter(({ text }) => text.includes('.terminate()'))
  // The thread that searches the history loads WebAssembly alone.
  expect(ending.map(({ path }) => path)).toEqual(['src/history/searchThread.ts', 'src/util/startNativeWorker.ts'])
  const loading = sourceFiles().filter(({ text }) => /^import \{[^}]*\} from 'onnxruntime-node'/m.test(text))
  for (const { path, text } of loading) if (path.endsWith('Worker.ts')) expect(text, path).toContain('nativeTask<')
})
