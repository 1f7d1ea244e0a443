/** A disk of its own that can run full: a tmpfs. Mounting takes root; where it is not allowed, tests say that they skip. */

import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../../src/util/errors.ts'
import { openFolder } from './openFolder.ts'

export interface SmallDisk {
  readonly path: string
  /** Not a byte is left. */
  fill(): void
  /** Takes away what `fill` wrote. */
  empty(): void
  remove(): void
}

/** Under CI the answer is yes: there it must not be skipped unseen. */
export const canMount = process.env.CI !== undefined || tryMount()

export function mountSmallDisk(megabytes: number): SmallDisk {
  const { path, remove } = openFolder('watchword-disk-')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'watchword-test', path], { stdio: 'pipe' })
  const filler = join(path, 'filler')
  return {
    path,
    fill: () => {
      try {
        execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M'], { stdio: 'pipe' })
      } catch {
        // It ends with "No space left on device": that is what it was for.
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove: () => {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' })
      remove()
    },
  }
}

function tryMount(): boolean {
  try {
    mountSmallDisk(1).remove()
    return true
  } catch (error) {
    const why = systemCodeOf(error) === 'ENOENT' ? 'there is no `mount` here' : 'mounting is not allowed here'
    console.warn(`SKIPPED: a full disk needs a file system of its own, and ${why}`)
    return false
  }
}
