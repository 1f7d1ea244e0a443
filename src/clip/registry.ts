/** A model's name or folder → a directory with the wanted variant in it, made at first use when it has to be. */

import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ModelCard, readModelCard, readVariantCard, type VariantCard } from '../onnx/card.ts'
import { hashFiles } from '../onnx/read.ts'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { nearest } from '../util/nearest.ts'
import { type Catalog, readCatalog } from './catalog.ts'
import { withLock } from './lock.ts'
import { listVariants, requireVariant, writeChecksums } from './modelFiles.ts'
import type { Workshop } from './workshop.ts'

export interface ResolveOptions {
  readonly variant: string
  /** Where made and pulled models live; see `dataDirectory`. */
  readonly dataDir: string
  /** Told what takes long, as a sentence. */
  readonly onStep?: (step: string) => void
  /** Default: the `onnx` room. */
  readonly workshop: Workshop
  /** Default: config/registry.json. */
  readonly catalog?: Catalog
  /** The folder of the bundled checkpoint. Default: models/demo. */
  readonly bundledDir?: string
}

export interface ResolvedModel {
  readonly name: string
  readonly dir: string
  readonly card: ModelCard
  readonly variant: VariantCard
  /** All that are there now. */
  readonly variants: readonly string[]
}

export const BUNDLED = 'demo'
const bundled = fileURLToPath(new URL('../../models/demo', import.meta.url))

/** Raised when the exporter's graphs change: directories made before are then made again. */
const EXPORT_FORMAT = 1

/**
 * `demo`, a pulled model's name, a model directory (model.json), or a Hugging Face checkpoint (config.json).
 * Checkpoints are exported into the data directory, keyed by their content; absent variants of what lives there are made.
 * The variant's file is hashed.
 * @throws WatchwordError `model-unknown`, `model-not-pulled`, `variant-missing`, `model-file-missing`, `model-file-corrupt`,
 *   `unwritable`, and those of the exporter
 */
export async function resolveModel(nameOrDir: string, options: ResolveOptions): Promise<ResolvedModel> {
  const { variant, dataDir, workshop } = options
  const place = await locate(nameOrDir, options)
  const dir = place.kind === 'model' ? place.dir : await exported(place.dir, place.name, options)
  if (!existsSync(join(dir, `${variant}.json`))) {
    if (!isInside(dir, dataDir)) throw variantMissing(dir, variant, await listVariants(dir))
    await withLock(`${dir}.lock`, async () => {
      if (existsSync(join(dir, `${variant}.json`))) return
      options.onStep?.(`Making the ${variant} variant of ${place.name} (once)`)
      await workshop.makeVariant(dir, variant)
    })
  }
  const card = await readVariantCard(dir, variant)
  requireVariant(dir, card)
  return { name: place.name, dir, card: await readModelCard(dir), variant: card, variants: await listVariants(dir) }
}

interface Place {
  readonly name: string
  readonly kind: 'model' | 'checkpoint'
  readonly dir: string
}

/** Where it is, without making anything. @throws WatchwordError `model-unknown`, `model-not-pulled` */
export async function locate(nameOrDir: string, options: Omit<ResolveOptions, 'variant'>): Promise<Place> {
  if (nameOrDir === BUNDLED) return { name: BUNDLED, kind: 'checkpoint', dir: options.bundledDir ?? bundled }
  if (/[/\\]/.test(nameOrDir) || nameOrDir.startsWith('.')) return folder(resolve(nameOrDir))
  for (const kind of ['model', 'checkpoint'] as const) {
    const dir = join(options.dataDir, `${kind}s`, nameOrDir)
    if (existsSync(join(dir, MARK[kind]))) return { name: nameOrDir, kind, dir }
  }
  if (existsSync(nameOrDir)) return folder(resolve(nameOrDir))
  const catalog = options.catalog ?? (await readCatalog())
  if (nameOrDir in catalog)
    throw new WatchwordError(`The model ${nameOrDir} is not here yet`, {
      code: 'model-not-pulled',
      hint: `Fetch it once with \`watchword models pull ${nameOrDir}\``,
    })
  const known = [BUNDLED, ...Object.keys(catalog)]
  const guess = nearest(nameOrDir, known)
  throw new WatchwordError(`Expected a model’s name or folder, got ${nameOrDir}`, {
    code: 'model-unknown',
    hint: guess === null ? `Known names: ${known.join(', ')}` : `Did you mean ${guess}?`,
  })
}

const MARK = { model: 'model.json', checkpoint: 'config.json' } as const

function folder(dir: string): Place {
  const name = basename(dir)
  if (existsSync(join(dir, MARK.model))) return { name, kind: 'model', dir }
  if (existsSync(join(dir, MARK.checkpoint))) return { name, kind: 'checkpoint', dir }
  const what = existsSync(dir) ? 'it has neither' : 'there is no such folder'
  throw new WatchwordError(`Expected a folder with model.json or config.json at ${dir}: ${what}`, {
    code: 'model-unknown',
    hint: 'Give a folder that `watchword optimize` made, or a Hugging Face checkpoint of CLIP',
  })
}

/** The model directory of a checkpoint; exported when it is not there. Two processes may ask at once. */
async function exported(checkpoint: string, name: string, options: ResolveOptions): Promise<string> {
  const { dataDir, workshop, onStep } = options
  const dir = join(dataDir, 'models', `${name}-${(await fingerprint(checkpoint)).slice(0, 12)}`)
  if (isReady(dir)) return dir
  await withLock(
    `${dir}.lock`,
    async () => {
      if (isReady(dir)) return
      onStep?.(`Exporting ${name} to ONNX (once)`)
      const part = `${dir}.${randomUUID()}.part`
      try {
        await mkdir(part, { recursive: true })
        await workshop.exportModel(checkpoint, part)
        await writeChecksums(part)
        await moveInPlace(part, dir)
      } finally {
        await rm(part, { recursive: true, force: true })
      }
    },
    { onWait: owner => onStep?.(`Waiting for process ${owner}, which exports ${name}`) },
  )
  return dir
}

function isReady(dir: string): boolean {
  return existsSync(join(dir, MARK.model))
}

/** Somebody who did not see our lock may have been faster: theirs is as good. */
export async function moveInPlace(part: string, dir: string): Promise<void> {
  try {
    await rename(part, dir)
  } catch (cause) {
    const code = systemCodeOf(cause)
    if ((code === 'ENOTEMPTY' || code === 'EEXIST') && isReady(dir)) return
    throw new WatchwordError(`Cannot put ${dir} in place: ${messageOf(cause)}`, { code: 'unwritable', cause })
  }
}

/** sha256 over the checkpoint's files, names included, and the exporter's format. */
async function fingerprint(checkpoint: string): Promise<string> {
  const hash = createHash('sha256').update(`export format ${EXPORT_FORMAT}`)
  const files = (await readdir(checkpoint)).filter(file => /\.(json|txt|safetensors)$/.test(file)).sort()
  for (const file of files) {
    const path = join(checkpoint, file)
    if ((await stat(path)).isFile()) hash.update(`\0${file}\0${hashFiles([path]).sha256}`)
  }
  return hash.digest('hex')
}

function variantMissing(dir: string, variant: string, there: readonly string[]): WatchwordError {
  return new WatchwordError(`Expected the variant ${variant} in ${dir}, found ${there.join(', ') || 'none'}`, {
    code: 'variant-missing',
    hint: `Make it with \`watchword optimize --variants ${variant}\`, or choose one that is there`,
  })
}

function isInside(dir: string, parent: string): boolean {
  return resolve(dir).startsWith(join(resolve(parent), '/'))
}
