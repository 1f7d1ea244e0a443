/** Lists the models: bundled, pulled, made locally, and available to pull. */

import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WatchwordError } from '../util/errors.ts'
import { fileSize } from '../util/readFile.ts'
import { BUNDLED, exportDir, isModelDir, locateModel, type ModelPlaces } from './locateModel.ts'
import { readModelCard } from './modelCard.ts'
import { pulledDir, removePulled } from './pullModel.ts'
import { type Catalog, type CatalogEntry, readCatalog, relativeCost } from './readCatalog.ts'
import { listVariants } from './verifyModel.ts'

export interface ModelListing {
  readonly name: string
  /** `made`: exported from a folder, or by an earlier version. */
  readonly state: 'bundled' | 'here' | 'made' | 'not pulled'
  readonly description: string
  /** Size on disk; for models that are not pulled, the size of the download as far as it is known. */
  readonly bytes: number
  /** Directory of the ONNX files; null while there are none. */
  readonly dir: string | null
  readonly variants: readonly string[]
  /** What the registry says; null for models that are not in it. */
  readonly facts: ModelFacts | null
}

export interface ModelFacts {
  /** Name of the licence. */
  readonly license: string
  readonly licenseUrl: string
  /** What the licence forbids; null for one that allows any use. */
  readonly restriction: string | null
  /** Of prompts. */
  readonly languages: string
  /** GFLOPs of the image tower per frame, and the same compared with ViT-B/32; null when they are not published. */
  readonly cost: { readonly gflops: number; readonly relative: number; readonly source: string } | null
  /** Zero-shot accuracy on ImageNet, %. */
  readonly imagenet: { readonly value: number; readonly source: string }
  readonly isRecommended: boolean
}

/** First the bundled model, then those of the registry, then all others in the data directory. */
export async function listModels(places: ModelPlaces): Promise<ModelListing[]> {
  const catalog = places.catalog ?? (await readCatalog())
  const description = 'trained on the demo’s synthetic scenes only'
  const demo = await listing({ name: BUNDLED, state: 'bundled', description, facts: null }, places)
  const pullable = await Promise.all(
    Object.entries(catalog).map(([name, entry]) =>
      isPulled(name, entry, places)
        ? listing({ name, state: 'here', description: entry.description, facts: factsOf(entry) }, places)
        : { ...absent, name, description: entry.description, bytes: downloadBytes(entry), facts: factsOf(entry) },
    ),
  )
  const known = new Set([demo, ...pullable].flatMap(({ dir }) => dir ?? []))
  const others = (await readdir(join(places.dataDir, 'models')).catch(() => []))
    .map(name => ({ name, dir: join(places.dataDir, 'models', name) }))
    .filter(({ dir }) => isModelDir(dir) && !known.has(dir) && !/\.(part-[\w-]+|pulling)$/.test(dir))
  const made = others.map(async ({ name, dir }) => {
    const { source } = await readModelCard(dir)
    return { name, state: 'made' as const, description: `from ${source}`, facts: null, ...(await contents(dir)) }
  })
  return [demo, ...pullable, ...(await Promise.all(made))]
}

/** Removes the pulled and exported files of a model. @returns freed bytes. @throws WatchwordError `model-unknown` */
export async function removeModel(name: string, places: ModelPlaces): Promise<number> {
  const catalog: Catalog = places.catalog ?? (await readCatalog())
  const models = join(places.dataDir, 'models')
  const isOurs = (file: string) => file === name || /^-[0-9a-f]{12}$/.test(file.slice(name.length))
  const dirs = (await readdir(models).catch(() => [])).filter(file => file.startsWith(name) && isOurs(file))
  const entry = Object.hasOwn(catalog, name) ? catalog[name] : undefined
  if (dirs.length === 0 && entry === undefined)
    throw new WatchwordError(`Expected the name of a model on this machine, got ${name}`, {
      code: 'model-unknown',
      hint: '`watchword models list` shows them',
    })
  const paths = dirs.map(dir => join(models, dir))
  const pulled = entry === undefined ? [] : [pulledDir(places.dataDir, name, entry)]
  const freed = await Promise.all(
    [...new Set([...paths, ...pulled, ...pulled.map(dir => `${dir}.pulling`)])].map(sizeOf),
  )
  if (entry !== undefined) await removePulled(places.dataDir, name, entry)
  for (const path of paths) await rm(path, { recursive: true, force: true })
  return freed.reduce((sum, bytes) => sum + bytes, 0)
}

/** The directory of a model's ONNX files; null when they do not exist yet. @throws WatchwordError `model-unknown`, `model-not-pulled` */
export async function findModelDir(nameOrDir: string, places: ModelPlaces): Promise<string | null> {
  if (isModelDir(join(places.dataDir, 'models', nameOrDir))) return join(places.dataDir, 'models', nameOrDir)
  const dir = await exportDir(await locateModel(nameOrDir, places), places.dataDir)
  return isModelDir(dir) ? dir : null
}

const absent = { state: 'not pulled', dir: null, variants: [] } as const

type Known = Pick<ModelListing, 'name' | 'state' | 'description' | 'facts'>

async function listing(known: Known, places: ModelPlaces): Promise<ModelListing> {
  const dir = await findModelDir(known.name, places)
  const place = await locateModel(known.name, places)
  const source = place.dir === dir ? 0 : await sizeOf(place.dir)
  if (dir === null) return { ...known, bytes: source, dir, variants: [] }
  const made = await contents(dir)
  return { ...known, ...made, bytes: made.bytes + source }
}

function factsOf(entry: CatalogEntry): ModelFacts {
  const { license, languages, gflops, imagenet, isRecommended = false } = entry
  const relative = relativeCost(entry)
  return {
    license: license.name,
    licenseUrl: license.url,
    restriction: license.restriction ?? null,
    languages,
    cost: gflops === null || relative === null ? null : { gflops: gflops.value, relative, source: gflops.source },
    imagenet,
    isRecommended,
  }
}

async function contents(dir: string): Promise<{ dir: string; bytes: number; variants: string[] }> {
  return { dir, bytes: await sizeOf(dir), variants: await listVariants(dir) }
}

function isPulled(name: string, entry: CatalogEntry, { dataDir }: ModelPlaces): boolean {
  return existsSync(pulledDir(dataDir, name, entry))
}

function downloadBytes({ files }: CatalogEntry): number {
  return files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
}

async function sizeOf(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + fileSize(join(parentPath, name)), 0)
}
