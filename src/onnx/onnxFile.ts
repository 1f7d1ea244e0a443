/** Reads and writes ONNX files. Reading leaves external data on disk; writing is atomic. */

import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { type Append, replaceFile, replaceFiles } from '../util/atomicWrite.ts'
import { WatchwordError } from '../util/errors.ts'
import { fileSize, hashFiles, isThere, readRange, readWhole } from '../util/readFile.ts'
import { shorten } from '../util/shorten.ts'
import { decodeModel, type ReadExternal } from './decodeModel.ts'
import { encodeModel, type Placement } from './encodeModel.ts'
import type { Graph } from './graph.ts'
import type { Tensor } from './tensor.ts'

/** onnxruntime rejects protobufs over 2 GB and copies tensors inside them; external data is memory-mapped. */
const EXTERNAL_ABOVE_BYTES = 100e6
/** Small tensors stay inside: shape inference has to read shapes and axes. */
const KEEP_INSIDE_BYTES = 4096
/** Page size, so that runtimes can map the data file. */
const ALIGNMENT = 4096

export interface SaveOptions {
  /** Weights above this many bytes go to `<file>.data`, default 100 MB. */
  readonly externalAboveBytes?: number
}

export interface SavedModel {
  /** Size on disk, external data included. */
  readonly bytes: number
  /** Of the .onnx file followed by its data file. */
  readonly sha256: string
}

/**
 * External data is read when its tensor is read; the rest is kept in memory.
 * @throws WatchwordError `file-unreadable`, `file-truncated`, `onnx-invalid`, `onnx-unsupported`
 */
export async function loadModel(path: string): Promise<Graph> {
  const bytes = await readWhole(path)
  return decodeModel(bytes, path, externalReader(path))
}

/**
 * Writes the file, and `<file>.data` when the weights are large. Nothing is left behind on failure.
 * Tensors are read one at a time, or in parts, so a model larger than memory can be written.
 * @throws WatchwordError `disk-full`, `unwritable`
 */
export async function saveModel(graph: Graph, path: string, options: SaveOptions = {}): Promise<SavedModel> {
  const dataPath = `${path}.data`
  const placements = place(graph, basename(dataPath), options.externalAboveBytes ?? EXTERNAL_ABOVE_BYTES)
  const hash = createHash('sha256')
  let bytes = 0
  const put = async (append: Append, chunk: Uint8Array) => {
    hash.update(chunk)
    bytes += chunk.length
    await append(chunk)
  }
  if (placements.size === 0) {
    await replaceFile(path, append => put(append, encodeModel(graph, placements)))
    await rm(dataPath, { force: true })
  } else {
    // The data file is renamed first, so that the model never exists without it.
    await replaceFiles([dataPath, path], async ([appendData, appendModel]) => {
      await put(appendModel!, encodeModel(graph, placements))
      let end = 0
      for (const [name, { offset }] of placements) {
        await put(appendData!, new Uint8Array(offset - end))
        end = offset
        for (const part of partsOf(graph.initializers.get(name))) {
          await put(appendData!, part)
          end += part.length
        }
      }
    })
  }
  return { bytes, sha256: hash.digest('hex') }
}

function partsOf(tensor: Tensor | undefined): Iterable<Uint8Array> {
  return tensor === undefined ? [] : (tensor.parts?.() ?? [tensor.read()])
}

/** Size and sha256 of a model on disk, as `saveModel` reported them. @throws WatchwordError `file-unreadable` */
export function measureFile(path: string): SavedModel {
  return hashFiles([path, `${path}.data`].filter((part, i) => i === 0 || isThere(part)))
}

function place(graph: Graph, location: string, externalAboveBytes: number): Map<string, Placement> {
  const large = [...graph.initializers].filter(([, tensor]) => tensor.byteLength > KEEP_INSIDE_BYTES)
  const total = large.reduce((sum, [, tensor]) => sum + tensor.byteLength, 0)
  if (total <= externalAboveBytes) return new Map()
  let end = 0
  return new Map(
    large.map(([name, tensor]) => {
      const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT
      end = offset + tensor.byteLength
      return [name, { location, offset }]
    }),
  )
}

/** Control characters would break the line of a message. */
const CONTROL = /\p{Cc}/u

/**
 * Only files in the model's own directory: a model must not read other files of its user. Links are
 * followed where they lead to that directory, or to the one that holds the model itself: the cache of Hugging Face
 * keeps all files of a model as links to one folder.
 */
function externalReader(model: string): ReadExternal {
  const directory = dirname(model)
  const sizes = new Map<string, number>()
  const leadsOutside = (path: string) =>
    isThere(path) &&
    ![dirname(realpathSync(model)), realpathSync(directory)].some(home => isInside(home, realpathSync(path)))
  return ({ location, offset, length }) => {
    const inside = normalize(location)
    const path = join(directory, inside)
    const isOutside = location === '' || CONTROL.test(location) || isAbsolute(inside) || inside.startsWith('..')
    if (isOutside || leadsOutside(path)) {
      const shown = JSON.stringify(shorten(location))
      throw new WatchwordError(`external data at ${shown} lies outside the model's directory`, { code: 'onnx-invalid' })
    }
    const size = sizes.get(path) ?? fileSize(path)
    sizes.set(path, size)
    if (offset + length > size) {
      throw new WatchwordError(`${path} is truncated: expected at least ${offset + length} bytes, got ${size}`, {
        code: 'file-truncated',
      })
    }
    return () => readRange(path, offset, length)
  }
}

function isInside(directory: string, path: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}
