/** Opens a Hugging Face CLIPModel on disk: its configuration, and its weights by name in any stored precision. */

import { basename, join } from 'node:path'
import { WatchwordError } from '../util/errors.ts'
import { hashFiles, isThere, readJson } from '../util/readFile.ts'
import { type ClipConfig, readClipConfig } from './clipConfig.ts'
import { openTensor, readSafetensors, type StoredTensor } from './readSafetensors.ts'
import { elementCount, floatsOf, lazyTensor, type Tensor } from './tensor.ts'

export interface Checkpoint {
  readonly dir: string
  readonly config: ClipConfig
  /**
   * A weight as float32, read from disk at each use.
   * @throws WatchwordError `checkpoint-tensor-missing`, `checkpoint-shape`, `safetensors-dtype`
   */
  tensor(name: string, dims: readonly number[]): Tensor
  /** Number of parameters whose name starts with one of these prefixes; stored buffers do not count. */
  parameters(...prefixes: string[]): number
  /** Names of those weights. */
  names(...prefixes: string[]): string[]
  /** sha256 (hex) of the weight files in order. Reads them all. */
  sha256(): string
}

/**
 * @throws WatchwordError `file-unreadable`, `checkpoint-missing`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`,
 *   `safetensors-truncated`, `safetensors-invalid`
 */
export async function openCheckpoint(dir: string): Promise<Checkpoint> {
  const config = await readClipConfig(dir)
  const { tensors, files } = await readWeights(dir)
  refuseMoreLayers(dir, config, tensors)
  const names = (...prefixes: string[]) =>
    [...tensors.keys()].filter(name => prefixes.some(prefix => name.startsWith(prefix)) && !isBuffer(name))
  return {
    dir,
    config,
    names,
    tensor: (name, dims) => floatTensorOf(dir, tensors, { name, dims }),
    parameters: (...prefixes) =>
      names(...prefixes).reduce((sum, name) => sum + elementCount(tensors.get(name)?.dims ?? []), 0),
    sha256: () => hashFiles(files).sha256,
  }
}

/** With the config of a smaller model, layers would silently be left out. */
function refuseMoreLayers(dir: string, config: ClipConfig, tensors: ReadonlyMap<string, StoredTensor>): void {
  for (const tower of ['vision', 'text'] as const) {
    const { layers } = config[tower]
    const beyond = `${tower}_model.encoder.layers.${layers}.`
    if (![...tensors.keys()].some(name => name.startsWith(beyond))) continue
    throw new WatchwordError(
      `Expected ${layers} layers in the ${tower} tower, as config.json says, got more in ${dir}`,
      {
        code: 'checkpoint-shape',
        hint: 'config.json and the weights do not belong together',
      },
    )
  }
}

/** Old versions of transformers stored these constants (0, 1, 2, …) with the weights. */
function isBuffer(name: string): boolean {
  return name.endsWith('.position_ids')
}

interface Wanted {
  readonly name: string
  readonly dims: readonly number[]
}

function floatTensorOf(dir: string, tensors: ReadonlyMap<string, StoredTensor>, { name, dims }: Wanted): Tensor {
  const stored = tensors.get(name)
  if (stored === undefined) {
    throw new WatchwordError(`The checkpoint in ${dir} lacks the tensor \`${name}\``, {
      code: 'checkpoint-tensor-missing',
      hint: 'Give a complete CLIPModel: both towers and their projections',
      facts: { tensor: name },
    })
  }
  if (stored.dims.length !== dims.length || stored.dims.some((dim, axis) => dim !== dims[axis])) {
    throw new WatchwordError(`Expected \`${name}\` to have shape [${dims}], got [${stored.dims}] in ${stored.path}`, {
      code: 'checkpoint-shape',
      hint: 'config.json and the weights do not belong together',
    })
  }
  const tensor = openTensor(name, stored)
  return lazyTensor('float32', dims, () => {
    const values = floatsOf(tensor)
    if (!areFinite(values)) throw notFinite(name, stored.path)
    return values
  })
}

/** A loop, because `every` takes ten times as long: seconds for a whole model. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** A single NaN makes every embedding and every score NaN. */
function notFinite(name: string, path: string): WatchwordError {
  return new WatchwordError(`Expected numbers in \`${name}\`, got NaN or infinity in ${path}`, {
    code: 'safetensors-invalid',
    hint: 'Download it again; if it happens again, the published model is damaged',
  })
}

interface Weights {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly files: readonly string[]
}

async function readWeights(dir: string): Promise<Weights> {
  const single = join(dir, 'model.safetensors')
  if (isThere(single)) return { tensors: readSafetensors(single), files: [single] }
  const index = join(dir, 'model.safetensors.index.json')
  if (isThere(index)) return readShards(dir, index)
  const hint = isThere(join(dir, 'pytorch_model.bin'))
    ? 'Only pytorch_model.bin is there: take a revision that has safetensors, or convert it'
    : 'Give a folder with config.json and model.safetensors'
  throw new WatchwordError(`Expected model.safetensors in ${dir}`, { code: 'checkpoint-missing', hint })
}

async function readShards(dir: string, index: string): Promise<Weights> {
  const { weight_map: map } = ((await readJson(index)) ?? {}) as { weight_map?: unknown }
  const places = Object.entries(typeof map === 'object' && map !== null ? map : {})
  if (places.length === 0 || places.some(([, file]) => typeof file !== 'string' || file !== basename(file))) {
    throw new WatchwordError(`Expected \`weight_map\` in ${index} to name the file of each tensor`, {
      code: 'safetensors-invalid',
    })
  }
  const files = [...new Set(places.map(([, file]) => file as string))].sort()
  const shards = new Map<string, ReadonlyMap<string, StoredTensor>>()
  for (const file of files) shards.set(file, readSafetensors(join(dir, file)))
  const tensors = new Map<string, StoredTensor>()
  for (const [name, file] of places) {
    const stored = shards.get(file as string)?.get(name)
    if (stored !== undefined) tensors.set(name, stored)
  }
  return { tensors, files: files.map(file => join(dir, file)) }
}
