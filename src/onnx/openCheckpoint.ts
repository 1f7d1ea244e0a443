/** Opens a checkpoint on disk: its configuration, and its weights in any stored precision by the names of transformers' CLIPModel. */

import { basename, join } from 'node:path'
import { WatchwordError } from '../util/errors.ts'
import { hashFiles, isThere, readJson } from '../util/readFile.ts'
import type { Family, TensorLayout } from './families/family.ts'
import { FAMILIES } from './families/familyTable.ts'
import { type ReadCheckpoint, readModelConfig } from './families/readModelConfig.ts'
import type { ModelConfig } from './modelConfig.ts'
import { readSafetensors, type StoredTensor } from './readSafetensors.ts'
import { storedFloats } from './storedFloats.ts'
import { elementCount, type Tensor } from './tensor.ts'

export interface Checkpoint {
  readonly dir: string
  readonly config: ModelConfig
  /**
   * A weight as float32, read from disk at each use.
   * @param name as in transformers' CLIPModel, whatever the checkpoint calls it
   * @throws WatchwordError `checkpoint-tensor-missing`, `checkpoint-shape`, `safetensors-dtype`
   */
  tensor(name: string, dims: readonly number[]): Tensor
  /** A single number, stored as a scalar or as a list of one. @throws as `tensor` */
  scalar(name: string): Tensor
  /** Number of parameters; stored buffers do not count. */
  parameters(tower: 'vision' | 'text'): number
  /** sha256 (hex) of the weight files in order. Reads them all. */
  sha256(): string
}

export interface OpenOptions {
  /** Side of the images in pixels. Default: as in training; another one resamples the table of positions. */
  readonly imageSize?: number
  /** Default: all that are known. */
  readonly families?: readonly Family[]
}

/**
 * @throws WatchwordError `file-unreadable`, `checkpoint-missing`, `checkpoint-not-clip`, `checkpoint-config`, `checkpoint-unsupported`,
 *   `checkpoint-shape`, `invalid-option`, `safetensors-truncated`, `safetensors-invalid`
 */
export async function openCheckpoint(dir: string, { imageSize, families }: OpenOptions = {}): Promise<Checkpoint> {
  const read = await readModelConfig(dir, families)
  const { layout } = read
  const config = imageSize === undefined ? read.config : withImageSize(read.config, imageSize)
  const { tensors, files } = await readWeights(dir, read)
  refuseOtherNames(dir, read, tensors)
  refuseMoreLayers(dir, read, tensors)
  const source = { dir, tensors, layout }
  return {
    dir,
    config,
    tensor: (name, dims) => floatTensorOf(source, name, dims),
    scalar: name => floatTensorOf(source, name, tensors.get(layout.sourceOf(name).name)?.dims.length === 1 ? [1] : []),
    parameters: tower =>
      [...tensors]
        .filter(([name]) => !isBuffer(name) && isVision(name, layout) === (tower === 'vision'))
        .reduce((sum, [, { dims }]) => sum + elementCount(dims), 0),
    sha256: () => hashFiles(files).sha256,
  }
}

function withImageSize(config: ModelConfig, imageSize: number): ModelConfig {
  const { patchSize } = config.vision
  if (imageSize % patchSize !== 0) {
    throw new WatchwordError(
      `Expected the image size to be a multiple of ${patchSize}, the model's patch size, got ${imageSize}`,
      { code: 'invalid-option', hint: `The nearest is ${Math.max(1, Math.round(imageSize / patchSize)) * patchSize}` },
    )
  }
  return { ...config, vision: { ...config.vision, imageSize } }
}

function isVision(name: string, { vision }: TensorLayout): boolean {
  return vision.some(prefix => name.startsWith(prefix))
}

type Stored = ReadonlyMap<string, StoredTensor>

/** The configuration of one family beside the weights of another. */
function refuseOtherNames(dir: string, { family }: ReadCheckpoint, tensors: Stored): void {
  const hasOwn = ({ patchWeights }: Family) => patchWeights.some(name => tensors.has(name))
  const other = FAMILIES.find(hasOwn)
  if (hasOwn(family) || other === undefined) return
  throw new WatchwordError(
    `Expected weights of ${family.title}, as ${family.configFile} says, got those of ${other.title} in ${dir}`,
    { code: 'checkpoint-shape', hint: `Add the ${other.configFile} that was published with the weights` },
  )
}

/** With the config of a smaller model, layers would silently be left out. */
function refuseMoreLayers(dir: string, { config, layout, family }: ReadCheckpoint, tensors: Stored): void {
  for (const tower of ['vision', 'text'] as const) {
    const { layers } = config[tower]
    const beyond = layout.sourceOf(`${tower}_model.encoder.layers.${layers}.layer_norm1.weight`).name
    if (!tensors.has(beyond)) continue
    throw new WatchwordError(
      `Expected ${layers} layers in the ${tower} tower, as ${family.configFile} says, got more in ${dir}`,
      { code: 'checkpoint-shape', hint: `${family.configFile} and the weights do not belong together` },
    )
  }
}

/** Old versions of transformers stored these constants (0, 1, 2, …) with the weights. */
function isBuffer(name: string): boolean {
  return name.endsWith('.position_ids')
}

interface WeightsSource {
  readonly dir: string
  readonly tensors: Stored
  readonly layout: TensorLayout
}

function floatTensorOf({ dir, tensors, layout }: WeightsSource, wanted: string, dims: readonly number[]): Tensor {
  const source = layout.sourceOf(wanted)
  const { name, block, isTransposed = false, leadingOnes = 0 } = source
  const stored = tensors.get(name)
  if (stored === undefined) {
    throw new WatchwordError(`The checkpoint in ${dir} lacks the tensor \`${name}\``, {
      code: 'checkpoint-tensor-missing',
      hint: 'Give a complete model: both towers and their projections',
      facts: { tensor: name },
    })
  }
  const [rows = 1, ...rest] = dims
  const packed = block === undefined ? dims : [rows * block.count, ...rest]
  const expected = [...Array(leadingOnes).fill(1), ...(isTransposed ? [...dims].reverse() : packed)]
  if (stored.dims.length !== expected.length || stored.dims.some((dim, axis) => dim !== expected[axis])) {
    throw new WatchwordError(
      `Expected \`${name}\` to have shape [${expected}], got [${stored.dims}] in ${stored.path}`,
      {
        code: 'checkpoint-shape',
        hint: 'The configuration and the weights do not belong together',
      },
    )
  }
  return storedFloats({ ...stored, dims: stored.dims.slice(leadingOnes) }, source)
}

interface Weights {
  readonly tensors: Stored
  readonly files: readonly string[]
}

const PICKLES = ['pytorch_model.bin', 'open_clip_pytorch_model.bin', 'pytorch_model.bin.index.json']

async function readWeights(dir: string, { family }: ReadCheckpoint): Promise<Weights> {
  const file = family.weightFiles.find(each => isThere(join(dir, each)))
  if (file !== undefined) {
    const path = join(dir, file)
    return file.endsWith('.index.json') ? readShards(dir, path) : { tensors: readSafetensors(path), files: [path] }
  }
  const [wanted = ''] = family.weightFiles
  const pickle = PICKLES.find(each => isThere(join(dir, each)))
  const hint =
    pickle === undefined
      ? `Give a folder with ${family.configFile} and ${wanted}`
      : `Only ${pickle} is there, which may run code when it is read: take a revision that has safetensors, or convert it`
  throw new WatchwordError(`Expected ${wanted} in ${dir}`, { code: 'checkpoint-missing', hint })
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
