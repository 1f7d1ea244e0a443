/** The pictures in a folder, the oldest first: read from the disk once, kept in memory from then on. */

import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

interface StoredPicture {
  readonly path: string
  /** ms since the epoch, by the clock of the time when it was written. */
  readonly at: number
  readonly bytes: number
}

/** At once on their way to the disk while the folder is read. */
const STATS_AT_ONCE = 32

export class SnapshotIndex {
  #pictures: StoredPicture[]
  /** Those before it are removed already. */
  #head = 0
  #bytes: number

  private constructor(pictures: StoredPicture[]) {
    this.#pictures = pictures
    this.#bytes = pictures.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** A folder that does not exist has no pictures. What a killed run left half written counts as one. */
  static async read(dir: string): Promise<SnapshotIndex> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    const paths = entries
      .filter(entry => entry.isFile() && /\.jpg(\.part)?$/.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name))
    const pictures: StoredPicture[] = []
    for (let i = 0; i < paths.length; i += STATS_AT_ONCE) {
      const some = await Promise.all(paths.slice(i, i + STATS_AT_ONCE).map(pictureAt))
      pictures.push(...some.filter(picture => picture !== null))
    }
    return new SnapshotIndex(pictures.sort((a, b) => a.at - b.at))
  }

  get size(): number {
    return this.#pictures.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  get oldest(): StoredPicture | undefined {
    return this.#pictures[this.#head]
  }

  /** It is the newest, whatever the clock says. */
  add(picture: StoredPicture): void {
    this.#pictures.push(picture)
    this.#bytes += picture.bytes
  }

  /** Also removes its folder when that is empty then. */
  async removeOldest(): Promise<void> {
    const { oldest } = this
    if (oldest === undefined) return
    await rm(oldest.path, { force: true })
    this.#bytes -= oldest.bytes
    this.#head++
    if (this.#head > 1000 && this.#head > this.#pictures.length / 2) {
      this.#pictures = this.#pictures.slice(this.#head)
      this.#head = 0
    }
    // Fails while others are in it.
    await rmdir(dirname(oldest.path)).catch(() => undefined)
  }
}

/** null when it was removed meanwhile. */
async function pictureAt(path: string): Promise<StoredPicture | null> {
  const found = await stat(path).catch(() => null)
  return found === null ? null : { path, at: found.mtimeMs, bytes: found.size }
}
