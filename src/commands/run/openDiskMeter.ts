/** Measures the free space of a folder without waiting for a disk that hangs: a network share without its server, a failing drive. */

import { statfs } from 'node:fs/promises'
import { createDiskDeadline, DISK_DEADLINE_MS } from '../../sinks/sink.ts'

/** Bytes; `hangs`: the disk does not answer. null: no folder yet, or a system without statfs. */
export type FreeSpace = number | 'hangs' | null

/**
 * At most one call per folder waits for the disk: each occupies one of Node's four threads for files and host names.
 * @param read replaced in tests
 */
export function openDiskMeter(path: string, read = freeBytesAt, deadlineMs = DISK_DEADLINE_MS) {
  let hangs = false
  const deadline = createDiskDeadline(
    {
      failed: () => {
        hangs = true
      },
      worked: () => {
        hangs = false
      },
    },
    deadlineMs,
  )
  return async (): Promise<FreeSpace> => {
    if (hangs) return 'hangs'
    let found: number | null = null
    await deadline.wait(
      read(path).then(bytes => {
        found = bytes
      }),
    )
    return hangs ? 'hangs' : found
  }
}

async function freeBytesAt(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return null
  }
}
