/** Snapshots on disk: the picture of every event, until they are too old or too many. */

import { readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Telemetry } from '../telemetry/happenings.ts'
import type { EventChange } from '../types.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { createSinkHealth, eachChange, type Sink } from './sink.ts'

export interface SnapshotOptions {
  readonly dir: string
  /** Older pictures are removed. */
  readonly maxAgeMs: number
  /** Beyond this the oldest pictures are removed. */
  readonly maxBytes: number
  readonly telemetry: Telemetry
  /** ms since the epoch. */
  readonly now?: () => number
}

/** Age is looked at this often at least, bytes with every picture. */
const SWEEP_MS = 10 * 60_000

/** Writes `<dir>/<camera>/<day>/<event>-<id>-<seq>.jpg`. */
export function createSnapshots(options: SnapshotOptions): Sink {
  const { dir, maxBytes, telemetry, now = Date.now } = options
  const health = createSinkHealth('snapshots', telemetry)
  /** null until the folder was looked through. */
  let bytes: number | null = null
  let sweptAt = 0

  const save = async (change: EventChange) => {
    if (change.snapshot === null) return
    try {
      await writeWhole(join(dir, snapshotPath(change)), change.snapshot)
      if (bytes !== null) bytes += change.snapshot.length
      if (bytes === null || bytes > maxBytes || now() - sweptAt > SWEEP_MS) {
        bytes = await sweep(options)
        sweptAt = now()
      }
      health.worked()
    } catch (error) {
      health.failed(error)
    }
  }
  return outcomes$ => eachChange(outcomes$, save)
}

/** Relative to the folder; the same change always has the same path. */
export function snapshotPath({ seq, after }: EventChange): string {
  const day = new Date(after.startTime).toISOString().slice(0, 10)
  return join(safeName(after.camera), day, `${safeName(after.event)}-${safeName(after.id)}-${seq}.jpg`)
}

/** Names come from the config, but a path separator in one must never lead out of the folder. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_')
}

/** Whole or not at all: nobody ever sees half a picture. */
async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  await makeFolder(join(path, '..'))
  const part = `${path}.part`
  try {
    await writeFile(part, content)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

interface Picture {
  readonly path: string
  readonly at: number
  readonly bytes: number
}

/** Removes what is too old or too much. Returns the bytes that stay. */
async function sweep({ dir, maxAgeMs, maxBytes, now = Date.now }: SnapshotOptions): Promise<number> {
  const pictures = await picturesIn(dir)
  let bytes = pictures.reduce((sum, picture) => sum + picture.bytes, 0)
  for (const picture of pictures.sort((a, b) => a.at - b.at)) {
    const old = now() - picture.at > maxAgeMs
    if (!old && bytes <= maxBytes) break
    await rm(picture.path, { force: true })
    bytes -= picture.bytes
    await removeIfEmpty(join(picture.path, '..'))
  }
  return bytes
}

async function picturesIn(dir: string): Promise<Picture[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  // A `.part` is what a killed run left.
  const files = entries.filter(entry => entry.isFile() && /\.jpg(\.part)?$/.test(entry.name))
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      const { mtimeMs, size } = await stat(path)
      return { path, at: mtimeMs, bytes: size }
    }),
  )
}

async function removeIfEmpty(dir: string): Promise<void> {
  const names = await readdir(dir)
  if (names.length === 0) await rmdir(dir)
}
