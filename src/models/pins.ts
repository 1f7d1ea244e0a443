/**
 * Which commit and which hashes a model has. What the registry does not know is asked of the hub at the first download,
 * and kept beside the model: later downloads of it get the same files.
 */

import { dirname, join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../util/atomicWrite.ts'
import { WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { hashFiles, readJsonIfThere } from '../util/readFile.ts'
import type { Digest } from './digest.ts'
import type { FileFacts, Hub } from './openHub.ts'
import type { CatalogEntry, ListedFile } from './readCatalog.ts'

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

/**
 * The registry's pins, else those of an earlier download, else the hub's.
 * @throws WatchwordError `hub-failed` when the hub does not publish them, and the hub's other errors
 */
export async function findPins(entry: CatalogEntry, options: { hub: Hub; pinsPath: string }): Promise<Pins> {
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
    const url = hub.urlOf(repository, revision ?? 'main', file.path)
    const facts = await hub.describe(url)
    revision ??= facts.commit
    if (revision === null) throw unpublished('the commit', url)
    files.push(pinnedBy(facts, file, url))
  }
  const pins = { repository, revision: revision as string, files }
  await writePins(options.pinsPath, pins)
  return pins
}

/** Kept while the model is removed and pulled again. */
export function pinsPath(dataDir: string, name: string): string {
  return join(dataDir, 'pins', `${name}.json`)
}

/** The hashes of a pulled model's files; null while they are not known. */
export async function readKnownPins(entry: CatalogEntry, path: string): Promise<Pins | null> {
  return knownPins(entry) ?? readPins(path, entry)
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
  const known = digestOf(file)
  if (known !== null) return { ...place(file), bytes: file.bytes, digest: known }
  if (digest === null) throw unpublished('the hash', url)
  if (digest.kind === 'git-blob' && bytes === null) throw unpublished('the size', url)
  return { ...place(file), bytes, digest }
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
  revision: z.string(),
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
