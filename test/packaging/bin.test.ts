import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const BIN = fileURLToPath(new URL('../../bin/watchword.js', import.meta.url))

/** Runs beside the program: prints how many threads the process has once those for files have started. Linux only. */
const COUNT = `const fs = require('node:fs')
const { exit } = process
// Where nothing is built, the program ends at once.
process.exit = () => {}
setImmediate(() => fs.stat('.', () => {
  fs.writeSync(1, 'threads ' + fs.readdirSync('/proc/self/task').length)
  exit(0)
}))`

test.skipIf(process.platform !== 'linux')('the program has threads for host names while a disk hangs', () => {
  const hook = join(temporaryFolder(), 'count.cjs')
  writeFileSync(hook, COUNT)
  const count = (env: NodeJS.ProcessEnv) =>
    Number(
      /threads (\d+)/.exec(
        execFileSync(process.execPath, ['--require', hook, BIN, '--version'], {
          env: { ...process.env, ...env },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      )?.[1],
    )
  const [ours, four] = [count({}), count({ UV_THREADPOOL_SIZE: '4' })]
  expect(ours - four).toBe(12)
})
