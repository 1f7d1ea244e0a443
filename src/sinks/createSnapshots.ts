/** Writes the images of events to disk, and removes old ones by age and total size. */

import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { filter, type Observable } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EventChange, Outcome } from '../types.ts'
import { atomicWrite, PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { type Clocks, createClockTrust } from '../util/clockTrust.ts'
import { makeFolder } from '../util/makeFolder.ts'
import type { ImagesOf } from './createEventImages.ts'
import { createDiskDeadline, createSinkHealth, type Sink } from './sink.ts'
import { SnapshotIndex } from './snapshotIndex.ts'

export interface SnapshotOptions {
  readonly dir: string
  /** Older snapshots are removed, once the wall clock has run evenly for `CLOCK_TRUST_MS`. */
  readonly maxAgeMs: number
  /** Above this total size the oldest snapshots are removed. */
  readonly maxBytes: number
  /** Draws the images. Default: the snapshot without a box, and no crop. */
  readonly imagesOf?: ImagesOf
  readonly telemetry: Telemetry
  readonly clocks?: Clocks
}

/**
 * A clock that is wrong by weeks after a start must not delete the snapshots of weeks. It is usually corrected within
 * minutes; a machine that runs during office hours must still reach its cleanup.
 */
const CLOCK_TRUST_MS = 6 * 3600_000

/** Interval of the cleanup without new snapshots. */
const CLEANUP_MS = 10 * 60_000

/** Most snapshots in memory while the disk hangs; above it the oldest are dropped. */
const MAX_WAITING = 256

const CLOCKS: Clocks = { wall: Date.now, steady: () => performance.now() }

/** Writes `<dir>/<camera>/<day>/<event>-<id>-<seq>.jpg` and, where a crop or a zone decided, `…-<seq>-crop.jpg`. */
export function createSnapshots(options: SnapshotOptions): Sink {
  const health = createSinkHealth('snapshots', options.telemetry)
  const deadline = createDiskDeadline(health)
  const store = createStore(options)
  const { imagesOf = async ({ snapshot }) => ({ snapshot, crop: null }) } = options
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work()
      health.worked()
    } catch (error) {
      health.failed(error)
    }
  }
  const waiting: Waiting[] = []
  const drawing = new Set<Promise<unknown>>()
  let isRunning = false
  const run = async () => {
    if (isRunning) return
    isRunning = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { snapshot, crop } = await next.images
      const path = snapshotPath(next.change)
      const saved = attempt(async () => {
        if (snapshot !== null) await store.save(path, snapshot)
        if (crop !== null) await store.save(cropPath(path), crop)
      })
      await deadline.wait(saved)
      await saved
    }
    isRunning = false
  }
  return async outcomes$ => {
    let running: Promise<void> = Promise.resolve()
    const timer = setInterval(() => {
      if (!isRunning) running = running.then(() => attempt(store.cleanUp))
    }, CLEANUP_MS).unref()
    await untilEnd(outcomes$, change => {
      const images = imagesOf(change)
      drawing.add(images)
      void images.then(() => drawing.delete(images))
      waiting.push({ change, images })
      if (waiting.length > MAX_WAITING) {
        waiting.shift()
        health.failed(new Error(`${MAX_WAITING} snapshots wait for the disk: the oldest are dropped`))
      }
      if (!isRunning) running = running.then(run)
    })
    clearInterval(timer)
    // Not the disk's fault: its deadline begins afterwards.
    await Promise.all(drawing)
    await deadline.wait(running)
  }
}

interface Waiting {
  readonly change: EventChange
  /** Drawing starts when the change arrives, not when the disk is ready. */
  readonly images: ReturnType<ImagesOf>
}

/** The pipeline's error is reported elsewhere: for this sink it is the end of the stream. */
function untilEnd(outcomes$: Observable<Outcome>, next: (change: EventChange) => void): Promise<void> {
  return new Promise(done => {
    const changes$ = outcomes$.pipe(filter(outcome => outcome.kind === 'event' && outcome.snapshot !== null))
    changes$.subscribe({ next: change => next(change as EventChange), error: () => done(), complete: done })
  })
}

interface SnapshotStore {
  save(path: string, jpeg: Uint8Array): Promise<void>
  /** Removes snapshots that exceed the age or the total size. */
  cleanUp(): Promise<void>
}

function createStore({ dir, maxAgeMs, maxBytes, clocks = CLOCKS }: SnapshotOptions): SnapshotStore {
  const clock = createClockTrust(clocks, CLOCK_TRUST_MS)
  let index: SnapshotIndex | null = null

  /** Drops the index if another program deleted the folder. @returns whether so */
  const forgetDeleted = async (): Promise<boolean> => {
    if (index === null || index.size === 0 || (await stat(dir).catch(() => null)) !== null) return false
    index = null
    return true
  }
  const cleanUp = async () => {
    index ??= await SnapshotIndex.read(dir)
    const oldestAt = clock.isTrusted() ? clocks.wall() - maxAgeMs : Number.NEGATIVE_INFINITY
    for (let { oldest } = index; oldest !== undefined; { oldest } = index) {
      if (index.bytes <= maxBytes && oldest.at >= oldestAt) return
      await index.removeOldest()
    }
  }
  return {
    cleanUp: async () => {
      await forgetDeleted()
      await makeFolder(dir, PRIVATE_FOLDER)
      await cleanUp()
    },
    save: async (relative, jpeg) => {
      const path = join(dir, relative)
      const wasDeleted = await forgetDeleted()
      await makeFolder(dirname(path), PRIVATE_FOLDER)
      await atomicWrite(path, jpeg, { isPrivate: true, flush: false, soleWriter: true })
      // Without an index yet, the first read of the folder finds this snapshot.
      index?.add({ path, at: clocks.wall(), bytes: jpeg.length })
      await cleanUp()
      // Reported although this snapshot is saved: the others were deleted.
      if (wasDeleted) throw new Error(`${dir} was deleted by another program; creating it again`)
    },
  }
}

/** The path relative to the folder; the same change always has the same path. */
export function snapshotPath({ seq, after }: EventChange): string {
  const day = new Date(after.startTime).toISOString().slice(0, 10)
  return join(safeName(after.camera), day, `${safeName(after.event)}-${safeName(after.id)}-${seq}.jpg`)
}

/** The crop's path, from the snapshot's. */
export function cropPath(path: string): string {
  return path.replace(/\.jpg$/, '-crop.jpg')
}

/** Names come from the config; a path separator in a name must not lead out of the folder. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_')
}
