/** A folder whose disk can hang: a FUSE mount whose program is stopped. Every call into it waits, `stat` and `statfs` too. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { which } from './mosquitto.ts'
import { openFolder } from './openFolder.ts'
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
  const [behind, disk] = [openFolder('watchword-behind-'), openFolder('watchword-disk-')]
  const { path } = disk
  // In the foreground: its process id is the one that is stopped. One thread, or some calls would go on.
  const child: ChildProcess = spawn('bindfs', ['-f', '-s', behind.path, path], { stdio: 'ignore' })
  await until(() => readFileSync('/proc/mounts', 'utf8').includes(path), 'the disk is mounted')
  return {
    path,
    behind: behind.path,
    hang: () => child.kill('SIGSTOP'),
    goOn: () => child.kill('SIGCONT'),
    remove: async () => {
      child.kill('SIGCONT')
      const exited = once(child, 'exit')
      execFileSync('fusermount', ['-u', '-z', path])
      await exited
      disk.remove()
      behind.remove()
    },
  }
}
