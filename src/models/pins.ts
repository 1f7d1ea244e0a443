/**
 * Which commit and which hashes a model has. What the registry does not know is asked of the hub at the first download,
 * and kept beside the model: later downloads of it get the same files.
 */

import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../util/atomicWrite.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { hashFiles, readJsonIfThere } from '../util/readFile.ts'
import type { Digest } from './digest.ts'
import type { FileFacts, Hub } from './openHub.ts'
import type { CatalogEntry, ListedFile } from './readCatalog.ts'
import { type RetryDelay, retryRequest } from './retryRequest.ts'

export interface Pins {
  readonly repository: string
  /** Full name of a commit. */
  readonly revision: string
  readonly files: readonly PinnedFile[]
}

export interface PinnedFile {
  /** Path in the hub's repository. */
  readonly path: string
  /** Name in the model's own directory. */
  readonly as: string
  /** null: only the hash is checked. */
  readonly bytes: number | null
  readonly digest: Digest
  /** Where the file is when it is not in the model's own repository. */
  readonly from?: { readonly repository: string; readonly revision: string } | undefined
}

interface FindOptions {
  readonly hub: Hub
  readonly pinsPath: string
  readonly retryDelayMs?: RetryDelay | undefined
}

/**
 * The registry's pins, else those of an earlier download, else the hub's.
 * @throws WatchwordError `hub-failed` when the hub does not publish them, and the hub's other errors
 */
export async function findPins(entry: CatalogEntry, options: FindOptions): Promise<Pins> {
  const known = knownPins(entry) ?? (await readPins(options.pinsPath, entry))
  if (known !== null) return known
  const { repository } = entry
  const { hub } = options
  const files: PinnedFile[] = []
  let revision = entry.revision
  for (const file of entry.files) {
    const digest = digestOf(file)
    if (digest !== null && (revision !== null || file.from !== undefined)) {
      files.push({ ...place(file), bytes: file.bytes, digest })
      continue
    }
    const at = file.from ?? { repository, revision: revision ?? 'main' }
    const url = hub.urlOf(at.repository, at.revision, file.path)
    const facts = await describe(url, options)
    if (file.from === undefined) {
      revision ??= facts.commit
      if (revision === null) throw unpublished('the commit', url)
    }
    files.push(pinnedBy(facts, file, url))
  }
  if (revision === null) throw new Error(`Expected a file of ${repository} or its revision in the registry`)
  const pins = { repository, revision, files }
  await writePins(options.pinsPath, pins)
  return pins
}

function describe(url: string, { hub, retryDelayMs }: FindOptions): Promise<FileFacts> {
  const failure = (error: unknown) => {
    if (error instanceof WatchwordError) return error
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    return new WatchwordError(`The hub did not answer for ${url}: ${messageOf(cause)}`, {
      code: 'hub-failed',
      hint: 'Try again later',
      cause: error,
    })
  }
  return retryRequest(() => hub.describe(url), { retryDelayMs, failure })
}

/** The file that keeps the pins of a model until the model is removed. */
export function pinsPath(dataDir: string, name: string): string {
  return join(dataDir, 'pins', `${name}.json`)
}

/** The hashes of a pulled model's files; null while they are not known. */
export async function readKnownPins(entry: CatalogEntry, path: string): Promise<Pins | null> {
  return knownPins(entry) ?? readPins(path, entry)
}

/** The next download of the model asks the hub for them again. */
export async function removePins(dataDir: string, name: string): Promise<void> {
  await rm(pinsPath(dataDir, name), { force: true })
}

interface FailedFile {
  readonly name: string
  readonly entry: CatalogEntry
  readonly file: PinnedFile
  readonly dataDir: string
}

/** The same error, with a hint that names the file of the pins when the wrong hash or revision came from there. */
export function hintAtPins(error: unknown, { name, entry, file, dataDir }: FailedFile): unknown {
  if (!(error instanceof WatchwordError)) return error
  const { message, code, hint, facts, cause } = error
  const isHash = code === 'sha-mismatch' && entry.files.some(({ as, sha256 }) => as === file.as && sha256 === null)
  const isRevision = code === 'hub-not-found' && entry.revision === null && file.from === undefined
  if (!isHash && !isRevision) return error
  const first = isRevision ? 'A mirror in HF_ENDPOINT may not have it' : hint
  const what = isRevision ? 'revision' : 'hash'
  const pins = `The ${what} comes from ${pinsPath(dataDir, name)}, which \`watchword models rm ${name}\` removes`
  return new WatchwordError(message, { code, hint: `${first}. ${pins}`, facts, cause })
}

/** Records sha256 of all files, small ones included. */
export async function completePins(pins: Pins, dir: string, path: string): Promise<Pins> {
  const files = pins.files.map(file => {
    const { sha256, bytes } = hashFiles([join(dir, file.as)])
    return { ...file, bytes, digest: { kind: 'sha256', hex: sha256 } as const }
  })
  const complete = { ...pins, files }
  if (pins.files.some(({ digest }) => digest.kind !== 'sha256')) await writePins(path, complete)
  return complete
}

function knownPins({ repository, revision, files }: CatalogEntry): Pins | null {
  const pinned = files.flatMap(file => {
    const digest = digestOf(file)
    return digest === null ? [] : [{ ...place(file), bytes: file.bytes, digest }]
  })
  return revision === null || pinned.length < files.length ? null : { repository, revision, files: pinned }
}

function pinnedBy({ digest, bytes }: FileFacts, file: ListedFile, url: string): PinnedFile {
  const found = digestOf(file) ?? digest
  const size = file.bytes ?? bytes
  if (found === null) throw unpublished('the hash', url)
  if (size === null) throw unpublished('the size', url)
  return { ...place(file), bytes: size, digest: found }
}

function place({ path, as, from }: ListedFile): Pick<PinnedFile, 'path' | 'as' | 'from'> {
  return { path, as, ...(from && { from }) }
}

function digestOf({ sha256 }: ListedFile): Digest | null {
  return sha256 === null ? null : { kind: 'sha256', hex: sha256 }
}

function unpublished(what: string, url: string): WatchwordError {
  return new WatchwordError(`The hub does not publish ${what} of ${url}`, {
    code: 'hub-failed',
    hint: 'Some mirrors leave it out: pull the model from https://huggingface.co once, or choose another HF_ENDPOINT',
  })
}

const pinsSchema = z.strictObject({
  repository: z.string(),
  revision: z.string().regex(/^[0-9a-f]{40}$/),
  files: z.array(
    z.strictObject({
      path: z.string(),
      as: z.string(),
      bytes: z.int().nullable(),
      digest: z.strictObject({ kind: z.enum(['sha256', 'git-blob']), hex: z.string() }),
      from: z.strictObject({ repository: z.string(), revision: z.string() }).optional(),
    }),
  ),
})

/** Pins of other files or of another commit than the registry's do not count, and neither do damaged ones. */
async function readPins(path: string, entry: CatalogEntry): Promise<Pins | null> {
  const { data } = pinsSchema.safeParse(await readJsonIfThere(path).catch(() => null))
  if (data === undefined || data.repository !== entry.repository) return null
  if (entry.revision !== null && data.revision !== entry.revision) return null
  const isSame = entry.files.every((file, i) => {
    const { path, as, digest } = data.files[i] ?? {}
    return path === file.path && as === file.as && (file.sha256 === null || digest?.hex === file.sha256)
  })
  return isSame && data.files.length === entry.files.length ? data : null
}

async function writePins(path: string, pins: Pins): Promise<void> {
  await makeFolder(dirname(path))
  await atomicWrite(path, `${JSON.stringify(pins, null, 2)}\n`)
}
