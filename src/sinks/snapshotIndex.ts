/** An index of the snapshots in a folder, oldest first: read from the disk once, then kept in memory. */

import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

interface StoredSnapshot {
  readonly path: string
  /** Time of writing, ms since the epoch, by the wall clock of that time. */
  readonly at: number
  readonly bytes: number
}

/** `stat` calls at once while the folder is read. */
const STATS_AT_ONCE = 32

export class SnapshotIndex {
  #snapshots: StoredSnapshot[]
  /** Index of the oldest one; those before it are removed already. */
  #head = 0
  #bytes: number

  private constructor(snapshots: StoredSnapshot[]) {
    this.#snapshots = snapshots
    this.#bytes = snapshots.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Incomplete files of a killed run count as snapshots. @throws Error when the folder does not exist */
  static async read(dir: string): Promise<SnapshotIndex> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    const paths = entries
      .filter(entry => entry.isFile() && /\.jpg(\.part)?$/.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name))
    const snapshots: StoredSnapshot[] = []
    for (let i = 0; i < paths.length; i += STATS_AT_ONCE) {
      const some = await Promise.all(paths.slice(i, i + STATS_AT_ONCE).map(snapshotAt))
      snapshots.push(...some.filter(snapshot => snapshot !== null))
    }
    return new SnapshotIndex(snapshots.sort((a, b) => a.at - b.at))
  }

  get size(): number {
    return this.#snapshots.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  get oldest(): StoredSnapshot | undefined {
    return this.#snapshots[this.#head]
  }

  /** Adds it as the newest one, whatever the clock shows. */
  add(snapshot: StoredSnapshot): void {
    this.#snapshots.push(snapshot)
    this.#bytes += snapshot.bytes
  }

  /** Also removes its folder if that is empty afterwards. */
  async removeOldest(): Promise<void> {
    const { oldest } = this
    if (oldest === undefined) return
    await rm(oldest.path, { force: true })
    this.#bytes -= oldest.bytes
    this.#head++
    if (this.#head > 1000 && this.#head > this.#snapshots.length / 2) {
      this.#snapshots = this.#snapshots.slice(this.#head)
      this.#head = 0
    }
    // Fails while the folder has other files.
    await rmdir(dirname(oldest.path)).catch(() => undefined)
  }
}

/** null when the file was removed meanwhile. */
async function snapshotAt(path: string): Promise<StoredSnapshot | null> {
  const found = await stat(path).catch(() => null)
  return found === null ? null : { path, at: found.mtimeMs, bytes: found.size }
}
