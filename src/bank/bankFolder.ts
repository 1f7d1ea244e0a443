/** The folder of the bank files: one per camera, model and variant. The only I/O of the banks. */

import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, PRIVATE_FILE, PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { systemCodeOf } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { reasonOf } from '../util/writeError.ts'
import { cameraOf } from './bankKey.ts'
import { type BankModel, decodeBank, encodeBank, type StoredBank } from './storedBank.ts'

const SUFFIX = '.bank'
/** Added to the name of a file that cannot be used. */
const BROKEN = '.broken'
/** Asks the running service to forget a camera: `<camera>.clear`. */
const CLEAR = '.clear'
/** Hex digits of the model's hash in a file name. */
const HASH_DIGITS = 12
/** A larger file is no bank: 1,000 vectors of 4,096 numbers have 8 MB. */
const MOST_BYTES = 64 * 2 ** 20

export interface BankFile {
  readonly path: string
  readonly bytes: number
  /** The bank, or in a few words why it cannot be read. */
  readonly bank: StoredBank | string
}

export interface SetAside {
  readonly path: string
  readonly reason: string
}

export interface BankFolder {
  /**
   * The stored bank of this key (`bankKey`) under this model; null when there is none, and when the file cannot be used: that is
   * renamed, and `onSetAside` is called once.
   */
  read(key: string, model: BankModel, onSetAside: (file: SetAside) => void): Promise<StoredBank | null>
  /** @throws WatchwordError `disk-full`, `unwritable`; the older file stays */
  write(bank: StoredBank): Promise<void>
  /** Keys (`bankKey`) of the banks of a camera that are stored under this model. */
  keys(camera: string, model: BankModel): Promise<readonly string[]>
  /** Every bank file of every camera and model, by name. */
  list(): Promise<BankFile[]>
  /** Deletes all bank files of a camera, those set aside included; null: of all cameras. @returns how many */
  remove(camera: string | null): Promise<number>
  /** Asks the running service to forget a camera, or all cameras. */
  request(camera: string | null): Promise<void>
  /** Cameras that a service is asked to forget; null stands for all. */
  requests(): Promise<(string | null)[]>
  /** Removes a request that was carried out, or that no service answered. */
  settle(camera: string | null): Promise<void>
}

/** No camera has this name: names begin with a letter or digit. */
const ALL = '_all'

export function bankFolder(dataDir: string): BankFolder {
  const folder = join(dataDir, 'banks')
  const endingOf = ({ sha256, variant }: BankModel) => `.${sha256.slice(0, HASH_DIGITS)}.${variant}${SUFFIX}`
  const pathOf = (key: string, model: BankModel) => join(folder, `${key}${endingOf(model)}`)
  const requestPath = (camera: string | null) => join(folder, `${camera ?? ALL}${CLEAR}`)
  const files = async () => (await readdir(folder).catch(noFolder)).sort()

  return {
    keys: async (camera, model) =>
      (await files()).flatMap(name => {
        const ending = endingOf(model)
        return name.endsWith(ending) && cameraOf(name) === camera ? [name.slice(0, -ending.length)] : []
      }),
    read: async (key, model, onSetAside) => {
      const path = pathOf(key, model)
      const found = await readBank(path)
      if (found === null) return null
      const reason = typeof found === 'string' ? found : mismatch(found, model)
      if (typeof found !== 'string' && reason === null) return found
      // A disk that cannot rename cannot write either, and that is reported.
      await rename(path, `${path}${BROKEN}`).catch(() => undefined)
      onSetAside({ path, reason: reason ?? '' })
      return null
    },
    write: async bank => {
      await makeFolder(folder, PRIVATE_FOLDER)
      await atomicWrite(pathOf(bank.camera, bank), encodeBank(bank), { isPrivate: true, soleWriter: true })
    },
    list: async () => {
      const paths = (await files()).filter(name => name.endsWith(SUFFIX)).map(name => join(folder, name))
      const found = await Promise.all(
        paths.map(async path => ({ path, bytes: (await stat(path)).size, bank: await readBank(path) })),
      )
      return found.flatMap(({ bank, ...file }) => (bank === null ? [] : [{ ...file, bank }]))
    },
    remove: async camera => {
      const names = (await files()).filter(name => isBankFile(name) && (camera === null || cameraOf(name) === camera))
      for (const name of names) await rm(join(folder, name), { force: true })
      return names.length
    },
    request: async camera => {
      await makeFolder(folder, PRIVATE_FOLDER)
      await writeFile(requestPath(camera), '', { mode: PRIVATE_FILE })
    },
    requests: async () =>
      (await files()).flatMap(name => {
        if (!name.endsWith(CLEAR)) return []
        const camera = name.slice(0, -CLEAR.length)
        return [camera === ALL ? null : camera]
      }),
    settle: camera => rm(requestPath(camera), { force: true }),
  }
}

function isBankFile(name: string): boolean {
  return name.endsWith(SUFFIX) || name.endsWith(`${SUFFIX}${BROKEN}`)
}

/** @returns null when there is no such file */
async function readBank(path: string): Promise<StoredBank | string | null> {
  try {
    const { size } = await stat(path)
    if (size > MOST_BYTES) return `it has ${size} bytes, more than any bank`
    return decodeBank(await readFile(path))
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' ? null : `it cannot be read: ${reasonOf(error)}`
  }
}

/** @returns what the file was made with instead, null when it was made with this model */
function mismatch(bank: StoredBank, { sha256, variant, dim }: BankModel): string | null {
  if (bank.sha256 !== sha256 || bank.variant !== variant) return 'it is of another model or variant'
  return bank.dim === dim ? null : `its vectors have ${bank.dim} numbers instead of ${dim}`
}

function noFolder(error: unknown): string[] {
  if (systemCodeOf(error) === 'ENOENT') return []
  throw error
}
