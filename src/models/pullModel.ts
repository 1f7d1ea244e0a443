/** Downloads a pinned model into the data directory. The model appears there only when it is complete and verified. */

import { rm, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../util/atomicWrite.ts'
import { WatchwordError } from '../util/errors.ts'
import { withLock } from '../util/lockDirectory.ts'
import { fileSize, isThere, readJsonIfThere } from '../util/readFile.ts'
import { download } from './download.ts'
import { type ModelCard, writeModelCard } from './modelCard.ts'
import type { Hub } from './openHub.ts'
import { completePins, findPins, hintAtPins, type PinnedFile, type Pins, pinsPath, removePins } from './pins.ts'
import { readCalibration } from './readCalibration.ts'
import type { CatalogEntry } from './readCatalog.ts'
import { moveInPlace } from './resolveModel.ts'
import type { RetryDelay } from './retryRequest.ts'
import { type VariantCard, writeVariantCard } from './variantCard.ts'
import { writeChecksums } from './verifyModel.ts'

export interface PullOptions {
  readonly name: string
  readonly entry: CatalogEntry
  readonly dataDir: string
  readonly hub: Hub
  /** Name of the licence that the user accepted. */
  readonly acceptedLicense?: string
  readonly onProgress?: (progress: PullProgress) => void
  /** Called when another process is already pulling this model; then this one waits. */
  readonly onWait?: () => void
  readonly retryDelayMs?: RetryDelay
}

export interface PulledModel {
  readonly dir: string
  /** Full name of the commit. */
  readonly revision: string
}

export interface PullProgress {
  readonly file: string
  /** Of the whole model, as far as sizes are known. */
  readonly bytes: number
  readonly totalBytes: number
}

/** @throws WatchwordError `license-not-accepted`, and those of the hub, the download and the disk */
export async function pullModel(options: PullOptions): Promise<PulledModel> {
  const { name, entry, dataDir, hub, retryDelayMs } = options
  const dir = pulledDir(dataDir, name, entry)
  const work = async (): Promise<PulledModel> => {
    const known = await readSource(dir)
    if (known !== null) return { dir, revision: known.revision }
    requireLicense(options)
    const part = `${dir}.pulling`
    const path = pinsPath(dataDir, name)
    const found = await findPins(entry, { hub, pinsPath: path, retryDelayMs })
    await requireRoom(part, found)
    await downloadAll(part, found, options)
    const pins = await completePins(found, part, path)
    if (entry.form === 'onnx-towers') await writeCards(part, pins, options)
    await atomicWrite(join(part, SOURCE), `${JSON.stringify(sourceOf(pins, options), null, 2)}\n`)
    await moveInPlace(part, dir)
    return { dir, revision: pins.revision }
  }
  return withLock(dirname(dir), work, { name: basename(dir), ...(options.onWait && { onWait: options.onWait }) })
}

/** Where a pulled model came from; written last. */
const SOURCE = 'source.json'

async function readSource(dir: string): Promise<{ revision: string } | null> {
  const source = await readJsonIfThere(join(dir, SOURCE))
  return sourceSchema.safeParse(source).data ?? null
}

const sourceSchema = z.object({ revision: z.string() })

/** A licence that forbids some use must be accepted by its name. */
function requireLicense({ name, entry, acceptedLicense }: PullOptions): void {
  const { license } = entry
  if (license.restriction === undefined || acceptedLicense === license.name) return
  const got = acceptedLicense === undefined ? '' : `, got ${acceptedLicense}`
  throw new WatchwordError(
    `Expected you to accept the licence ${license.name} of ${name} (${license.restriction})${got}`,
    {
      code: 'license-not-accepted',
      hint: `Read ${license.url}, then run \`watchword models pull ${name} --accept-license ${license.name}\``,
    },
  )
}

export function pulledDir(dataDir: string, name: string, { form }: CatalogEntry): string {
  return join(dataDir, form === 'checkpoint' ? 'checkpoints' : 'models', name)
}

/** Removes a pulled model, an incomplete download of it, and its pins. */
export async function removePulled(dataDir: string, name: string, entry: CatalogEntry): Promise<void> {
  const dir = pulledDir(dataDir, name, entry)
  for (const path of [dir, `${dir}.pulling`]) await rm(path, { recursive: true, force: true })
  await removePins(dataDir, name)
}

/** Checks the free space before the download starts. @throws WatchwordError `disk-full` */
async function requireRoom(part: string, { files }: Pins): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(dirname(part))
  const here = (path: string) => (isThere(path) ? fileSize(path) : 0)
  const missing = files.reduce((sum, { as, bytes }) => {
    const path = join(part, as)
    return sum + Math.max(0, (bytes ?? 0) - here(path) - here(`${path}.part`))
  }, 0)
  // Some network file systems do not report their size.
  if (blocks === 0 || missing <= bavail * bsize) return
  const [wanted, free] = [missing, bavail * bsize].map(bytes => `${(bytes / 1e6).toFixed(0)} MB`)
  throw new WatchwordError(
    `Not enough disk space for the model: it needs ${wanted} more, ${dirname(part)} has ${free} free`,
    {
      code: 'disk-full',
      hint: 'Free some space, or set WATCHWORD_DATA to a directory on another disk',
    },
  )
}

async function downloadAll(
  part: string,
  { repository, revision, files }: Pins,
  { name, entry, dataDir, hub, onProgress, retryDelayMs }: PullOptions,
): Promise<void> {
  const totalBytes = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  let done = 0
  // Small files first: a wrong mirror is noticed before the large downloads.
  for (const file of [...files].sort((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0))) {
    await download({
      hub,
      url: hub.urlOf(file.from?.repository ?? repository, file.from?.revision ?? revision, file.path),
      path: join(part, file.as),
      bytes: file.bytes,
      digest: file.digest,
      onProgress: bytes => onProgress?.({ file: file.path, bytes: done + bytes, totalBytes }),
      ...(retryDelayMs && { retryDelayMs }),
    }).catch(error => Promise.reject(hintAtPins(error, { name, entry, file, dataDir })))
    done += file.bytes ?? 0
    onProgress?.({ file: file.path, bytes: done, totalBytes })
  }
}

function sourceOf({ repository, revision }: Pins, { name, entry, hub, acceptedLicense }: PullOptions) {
  const { license } = entry
  const accepted = acceptedLicense === license.name ? { licenseAccepted: new Date().toISOString() } : {}
  return { name, hub: hub.shown, repository, revision, license: license.name, ...accepted }
}

/** An ONNX pair has no cards of its own: they are made from the registry. */
async function writeCards(dir: string, pins: Pins, { name, entry, hub }: PullOptions): Promise<void> {
  const { card } = entry
  const { repository, revision } = pins
  const vision = pins.files.find(({ as }) => as === 'vision.fp32.onnx') as PinnedFile
  const text = pins.files.find(({ as }) => as === 'text.onnx')
  if (card === undefined) throw new Error(`Expected a card for ${name} in the registry`)
  const model: ModelCard = {
    ...card,
    name,
    source: `${hub.shown}/${repository}`,
    revision,
    sourceSha256: vision.digest.hex,
    ...(text !== undefined && { textSha256: text.digest.hex }),
    tokenizer: 'clip-bpe',
    logitBias: 0,
    fit: 'crop',
    vision: { input: 'pixel_values' },
  }
  const fp32: VariantCard = {
    variant: 'fp32',
    recipe: ['fp32'],
    file: vision.as,
    bytes: vision.bytes ?? 0,
    sha256: vision.digest.hex,
    sourceSha256: vision.digest.hex,
    parameters: { total: card.parameters.vision, nonZero: card.parameters.vision },
    sparsity: 0,
    cosine: null,
    agreement: null,
    calibration: await readCalibration(dir, card.logitScale),
    cpu: { model: 'not measured', flags: [], int8Kernel: null },
    createdBy: repository,
  }
  await writeVariantCard(dir, fp32)
  await writeChecksums(dir)
  await writeModelCard(dir, model)
}
