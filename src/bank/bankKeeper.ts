/** Keeps the banks on disk: reads them at the start, writes them at growing intervals, and forgets cameras on request. */

import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { BankFolder } from './bankFolder.ts'
import { cameraOf } from './bankKey.ts'
import type { QuietBanks } from './quietBanks.ts'
import { type BankEntry, EMPTY_RESERVOIR, type Reservoir } from './reservoir.ts'
import type { BankModel } from './storedBank.ts'

export interface BankKeeperDeps {
  readonly folder: BankFolder
  readonly model: BankModel
  readonly banks: Pick<QuietBanks, 'keys' | 'reservoir' | 'restore' | 'forget'>
  /** Reports once that the disk fails, and once that it works again. */
  readonly health: { failed(error: unknown): void; worked(): void }
  readonly telemetry: Telemetry
}

export interface BankKeeper {
  /**
   * Reads the banks of new cameras, and writes and forgets those of removed ones. Resolves when they were read or after
   * DEADLINE_MS. Never rejects.
   */
  watch(cameras: readonly string[]): Promise<void>
  /** Writes what changed; takes DEADLINE_MS at most. Never rejects. */
  close(): Promise<void>
}

/**
 * A kill loses so much of what was learned at most. Shorter: more wear of the disk. After cameras were added the pauses
 * grow from the first to this one, because a new camera learns most in its first minutes.
 */
const SAVE_MS = 300_000
const FIRST_SAVE_MS = 15_000
/** How soon a request to forget a camera is carried out. */
const LOOK_MS = 3000
/** A disk that takes longer counts as failed, and nothing waits for it. */
const DEADLINE_MS = 2000

export function startBankKeeper(deps: BankKeeperDeps): BankKeeper {
  const keeper = new Keeper(deps)
  // Functions without `this`, so that callers may copy them into an object of their own.
  return { watch: cameras => keeper.watch(cameras), close: () => keeper.close() }
}

class Keeper {
  /** Watched cameras whose files were read. */
  readonly #loaded = new Set<string>()
  /** Their banks, by key → the entries that the file holds. */
  readonly #stored = new Map<string, readonly BankEntry[]>()
  /** Banks of removed cameras that wait to be written, by key. */
  readonly #removed = new Map<string, Reservoir>()
  readonly #deps: BankKeeperDeps
  readonly #disk: DiskTurns
  readonly #timer: NodeJS.Timeout
  #cameras: readonly string[] = []
  #sinceSave = 0
  #saveMs = FIRST_SAVE_MS

  constructor(deps: BankKeeperDeps) {
    this.#deps = deps
    this.#disk = createDiskTurns(deps.health)
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref()
  }

  async watch(names: readonly string[]): Promise<void> {
    const before = this.#cameras
    this.#cameras = names
    for (const camera of before.filter(name => !names.includes(name))) this.#remove(camera)
    const added = names.filter(name => !before.includes(name))
    if (added.length > 0) this.#saveMs = FIRST_SAVE_MS
    await this.#disk.inTurn(async () => {
      await this.#forgetRequested()
      await Promise.all(added.map(camera => this.#load(camera)))
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#disk.inTurn(() => this.#save())
  }

  #look(): void {
    this.#sinceSave += LOOK_MS
    // The disk hangs: nothing is queued behind it.
    if (this.#disk.isBusy()) return
    const isDue = this.#sinceSave >= this.#saveMs
    if (isDue) {
      this.#sinceSave = 0
      this.#saveMs = Math.min(SAVE_MS, 2 * this.#saveMs)
    }
    void this.#disk.inTurn(async () => {
      await this.#forgetRequested()
      if (isDue) await this.#save()
    })
  }

  async #load(camera: string): Promise<void> {
    const { folder, model } = this.#deps
    const waiting = [...this.#removed.keys()].filter(key => cameraOf(key) === camera)
    const keys = new Set([camera, ...waiting, ...(await folder.keys(camera, model))])
    for (const key of keys) await this.#loadBank(key)
    if (this.#cameras.includes(camera)) this.#loaded.add(camera)
  }

  async #loadBank(key: string): Promise<void> {
    const { folder, model, banks, telemetry } = this.#deps
    const waiting = this.#removed.get(key)
    this.#removed.delete(key)
    const found = waiting ?? (await folder.read(key, model, file => telemetry.emit({ type: 'BankSetAside', ...file })))
    if (!this.#cameras.includes(cameraOf(key))) return
    const reservoir = found === null || 'entries' in found ? found : found.reservoir
    this.#stored.set(key, (reservoir ?? EMPTY_RESERVOIR).entries)
    if (reservoir !== null) banks.restore(key, reservoir)
  }

  #remove(camera: string): void {
    const { banks } = this.#deps
    this.#addNewBanks()
    for (const [key, entries] of [...this.#stored]) {
      if (cameraOf(key) !== camera) continue
      const reservoir = banks.reservoir(key)
      // A file that was not read yet has more than memory.
      if (entries !== reservoir.entries) this.#removed.set(key, reservoir)
      this.#stored.delete(key)
    }
    this.#loaded.delete(camera)
    banks.forget(camera)
  }

  /** Banks that came into being since: the first crop, a new zone. */
  #addNewBanks(): void {
    for (const camera of this.#loaded)
      for (const key of this.#deps.banks.keys(camera))
        if (!this.#stored.has(key)) this.#stored.set(key, EMPTY_RESERVOIR.entries)
  }

  async #forgetRequested(): Promise<void> {
    const { folder, banks, telemetry } = this.#deps
    for (const request of await folder.requests()) {
      const names =
        request === null ? [...new Set([...this.#cameras, ...[...this.#removed.keys()].map(cameraOf)])] : [request]
      for (const camera of names) {
        for (const key of [...this.#removed.keys()]) if (cameraOf(key) === camera) this.#removed.delete(key)
        banks.forget(camera)
        for (const key of [...this.#stored.keys()])
          if (cameraOf(key) === camera) this.#stored.set(key, banks.reservoir(key).entries)
      }
      await folder.remove(request)
      await folder.settle(request)
      telemetry.emit({ type: 'BankCleared', camera: request })
    }
  }

  async #save(): Promise<void> {
    const { folder, model, banks, health } = this.#deps
    this.#addNewBanks()
    const unwritten = { removed: this.#removed, stored: this.#stored }
    await writeChanged(unwritten, banks, (camera, reservoir) => folder.write({ ...model, camera, reservoir }))
    // What could not be written is still to be written, so a disk that fails does not come here.
    health.worked()
  }
}

interface Unwritten {
  readonly removed: Map<string, Reservoir>
  readonly stored: Map<string, readonly BankEntry[]>
}

/** @throws the first failure; what was written by then is not written again */
async function writeChanged(
  { removed, stored }: Unwritten,
  banks: Pick<QuietBanks, 'reservoir'>,
  write: (camera: string, reservoir: Reservoir) => Promise<void>,
): Promise<void> {
  for (const [camera, reservoir] of removed) {
    await write(camera, reservoir)
    removed.delete(camera)
  }
  for (const [camera, entries] of stored) {
    const reservoir = banks.reservoir(camera)
    if (reservoir.entries === entries) continue
    await write(camera, reservoir)
    // Its camera may have been removed meanwhile.
    if (stored.get(camera) === entries) stored.set(camera, reservoir.entries)
  }
}

interface DiskTurns {
  isBusy(): boolean
  /** Resolves when the task has ended or after DEADLINE_MS. */
  inTurn(task: () => Promise<void>): Promise<void>
}

/** Tasks for the disk, one after another. A failure or a late answer is reported. */
function createDiskTurns(health: BankKeeperDeps['health']): DiskTurns {
  let work: Promise<void> | null = null
  return {
    isBusy: () => work !== null,
    inTurn: async (task: () => Promise<void>): Promise<void> => {
      const before = work
      const own = (async () => {
        await before
        await task().catch(health.failed)
      })()
      work = own
      void own.then(() => {
        if (work === own) work = null
      })
      await withinDeadline(own, () => health.failed(new Error(`the disk has not answered for ${DEADLINE_MS / 1000} s`)))
    },
  }
}

async function withinDeadline(task: Promise<unknown>, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(() => {
      onLate()
      resolve()
    }, DEADLINE_MS)
  })
  await Promise.race([task, late])
  clearTimeout(timer)
}
