/** Finds a model on disk by its name or folder. */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { didYouMeanHint } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { hashFiles } from '../util/readFile.ts'
import { type Catalog, readCatalog } from './readCatalog.ts'

export interface ModelPlaces {
  /** Directory of pulled and exported models; see `dataDirectory`. */
  readonly dataDir: string
  /** Default: config/registry.json. */
  readonly catalog?: Catalog
  /** The folder of the bundled checkpoint. Default: models/demo. */
  readonly bundledDir?: string
}

export const BUNDLED = 'demo'
const bundled = fileURLToPath(new URL('../../models/demo', import.meta.url))

/** Increased when the exporter's graphs change: models are then exported again. */
const EXPORT_FORMAT = 2

export interface LocatedModel {
  readonly name: string
  readonly kind: 'model' | 'checkpoint'
  readonly dir: string
}

/** @throws WatchwordError `model-unknown`, `model-not-pulled` */
export async function locateModel(nameOrDir: string, options: ModelPlaces): Promise<LocatedModel> {
  if (nameOrDir === BUNDLED) return { name: BUNDLED, kind: 'checkpoint', dir: options.bundledDir ?? bundled }
  if (/[/\\]/.test(nameOrDir) || nameOrDir.startsWith('.')) return folder(resolve(nameOrDir))
  for (const kind of ['model', 'checkpoint'] as const) {
    const dir = join(options.dataDir, `${kind}s`, nameOrDir)
    if (has(dir, kind)) return { name: nameOrDir, kind, dir }
  }
  if (existsSync(nameOrDir)) return folder(resolve(nameOrDir))
  const catalog = options.catalog ?? (await readCatalog())
  if (Object.hasOwn(catalog, nameOrDir))
    throw new WatchwordError(`The model ${nameOrDir} is not pulled yet`, {
      code: 'model-not-pulled',
      hint: `Download it with \`watchword models pull ${nameOrDir}\``,
    })
  const known = [BUNDLED, ...Object.keys(catalog)]
  throw new WatchwordError(`Expected a model’s name or folder, got ${nameOrDir}`, {
    code: 'model-unknown',
    hint: didYouMeanHint(nameOrDir, known),
  })
}

/** One of these files makes a folder a model or a checkpoint. */
const MARKS = { model: ['model.json'], checkpoint: ['config.json', 'open_clip_config.json'] } as const

function has(dir: string, kind: LocatedModel['kind']): boolean {
  return MARKS[kind].some(file => existsSync(join(dir, file)))
}

function folder(dir: string): LocatedModel {
  const name = basename(dir)
  if (has(dir, 'model')) return { name, kind: 'model', dir }
  if (has(dir, 'checkpoint')) return { name, kind: 'checkpoint', dir }
  const what = existsSync(dir) ? 'it has none of them' : 'no such folder'
  throw new WatchwordError(
    `Expected a folder with model.json, config.json or open_clip_config.json at ${dir}: ${what}`,
    {
      code: 'model-unknown',
      hint: 'Give a model directory (from `watchword optimize`) or a checkpoint: see docs/models.md',
    },
  )
}

/** The directory of a model's ONNX files, which may not exist yet. Its name contains a hash of the checkpoint. */
export async function exportDir({ kind, name, dir }: LocatedModel, dataDir: string): Promise<string> {
  if (kind === 'model') return dir
  return join(dataDir, 'models', `${name}-${(await fingerprint(dir)).slice(0, 12)}`)
}

export function isModelDir(dir: string): boolean {
  return has(dir, 'model')
}

const CONTENT = /\.(json|txt|safetensors|onnx|model)$/

/** sha256 over the checkpoint's files, names included, and the exporter's format. */
async function fingerprint(checkpoint: string): Promise<string> {
  const hash = createHash('sha256').update(`export format ${EXPORT_FORMAT}`)
  const names = [...(await readdir(checkpoint)), 'onnx/vision_model.onnx', 'onnx/text_model.onnx']
  const files = names.filter(file => CONTENT.test(file) && existsSync(join(checkpoint, file))).sort()
  for (const file of files) {
    const path = join(checkpoint, file)
    if ((await stat(path)).isFile()) hash.update(`\0${file}\0${hashFiles([path]).sha256}`)
  }
  return hash.digest('hex')
}
