/** A folder whose disk can hang: a FUSE mount whose program is stopped. Every call into it waits, `stat` and `statfs` too. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { which } from './mosquitto.ts'
import { until } from './until.ts'

export interface HangingDisk {
  readonly path: string
  /** The folder behind it, which never hangs. */
  readonly behind: string
  hang(): void
  goOn(): void
  remove(): Promise<void>
}

export const canHangDisk = which('bindfs') && which('fusermount')

export async function mountHangingDisk(): Promise<HangingDisk> {
  const [behind, path] = ['behind', 'disk'].map(name => mkdtempSync(join(tmpdir(), `watchword-${name}-`))) as [
    string,
    string,
  ]
  // In the foreground: its process id is the one that is stopped. One thread, or some calls would go on.
  const child: ChildProcess = spawn('bindfs', ['-f', '-s', behind, path], { stdio: 'ignore' })
  await until(() => readFileSync('/proc/mounts', 'utf8').includes(path), 'the disk is mounted')
  return {
    path,
    behind,
    hang: () => child.kill('SIGSTOP'),
    goOn: () => child.kill('SIGCONT'),
    remove: async () => {
      child.kill('SIGCONT')
      const exited = once(child, 'exit')
      execFileSync('fusermount', ['-u', '-z', path])
      await exited
      rmSync(path, { recursive: true, force: true })
      rmSync(behind, { recursive: true, force: true })
    },
  }
}
