import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const MODULE = new URL('../../src/util/exitProcess.ts', import.meta.url).href

/** Runs this as an ES module, with `exitProcess` imported, in a process of its own. */
async function run(code: string, cwd: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const program = `import { exitProcess } from '${MODULE}'
    process.on('exit', code => console.log('exit', code))
    ${code}`
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program]
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  const [exitCode, signal] = await once(child, 'close')
  return { code: exitCode, signal, output }
}

test('exits with the code', async () => {
  const folder = temporaryFolder()
  expect(await run(`import { stat } from 'node:fs/promises'; void stat('.'); await exitProcess(3)`, folder)).toEqual({
    code: 3,
    signal: null,
    output: 'exit 3\n',
  })
})

test.skipIf(process.platform === 'win32')(
  'is killed, after its exit listeners, where a disk does not answer',
  async () => {
    const folder = temporaryFolder()
    // Opening a pipe that nothing writes to waits for ever; `process.exit` would, too.
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const code = `import { open } from 'node:fs/promises'; void open('pipe'); await exitProcess(3)`
    expect(await run(code, folder)).toEqual({ code: null, signal: 'SIGKILL', output: 'exit 3\n' })
  },
)
