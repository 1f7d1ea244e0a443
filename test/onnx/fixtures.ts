/** The tiny checkpoints in test/fixtures/onnx, their pictures, and what their own implementation makes of them. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Tensor } from 'onnxruntime-node'
import { clipFamily } from '../../src/onnx/families/clipFamily.ts'
import { createOpenClipFamily } from '../../src/onnx/families/openClipFamily.ts'
import { siglipFamily } from '../../src/onnx/families/siglipFamily.ts'
import { peCore, siglip, type Trunk } from '../../src/onnx/families/timmTrunks.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { saveModel } from '../../src/onnx/onnxFile.ts'
import { type Checkpoint, type OpenOptions, openCheckpoint } from '../../src/onnx/openCheckpoint.ts'
import { openSession } from '../../src/onnx/session/openSession.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

/** transformers' CLIPModel, made by make_fixtures.py. */
export const CLIPS = ['quick-gelu-p32', 'gelu-p16', 'half', 'brain'] as const

/** Made by make_families.py; a name says which options differ from OpenCLIP's defaults. */
const OPEN_CLIPS = [
  'open-clip',
  'open-clip-proj_bias-sees_padding-half-squash',
  'open-clip-custom-no_ln_pre-half-squash',
  'open-clip-custom-no_ln_pre-proj_bias-sees_padding',
  'open-clip-quick-no_ln_pre-sees_padding-squash',
  'open-clip-quick-no_ln_pre-proj_bias-half',
  'open-clip-quick-custom-sees_padding-half',
  'open-clip-quick-custom-proj_bias-squash',
] as const

const SIGLIPS = ['siglip-p16', 'siglip-cut'] as const

/** In OpenCLIP's layout, with vision towers of timm that are smaller than any it names. */
const TIMMS = ['timm-pe-core', 'timm-pe-core-bare', 'timm-siglip'] as const

export const TINY = [...CLIPS, ...OPEN_CLIPS, ...SIGLIPS, ...TIMMS] as const
export type Tiny = (typeof TINY)[number]

export interface Reference {
  readonly size: number
  readonly inputIds: readonly (readonly number[])[]
  /** Only in those of CLIP. */
  readonly eosTokenId?: number
  /** Default: CLIP's. */
  readonly mean?: readonly [number, number, number]
  readonly std?: readonly [number, number, number]
  readonly logitScale: number
  readonly logitBias?: number
  readonly parameters: number
  readonly imageEmbeds: readonly (readonly number[])[]
  readonly textEmbeds: readonly (readonly number[])[]
  /** Images of another size. */
  readonly resized?: { readonly size: number; readonly imageEmbeds: readonly (readonly number[])[] } | null
}

export function tinyDir(name: Tiny): string {
  return fileURLToPath(new URL(`../fixtures/onnx/${name}`, import.meta.url))
}

export function readReference(name: Tiny): Reference {
  return JSON.parse(readFileSync(join(tinyDir(name), 'reference.json'), 'utf8')) as Reference
}

const SIZE = { width: 32, heads: 2, patchSize: 8 }
const TRUNKS: Readonly<Record<string, Trunk>> = {
  vit_pe_core_test_patch8: peCore({ ...SIZE, layers: 2 }),
  vit_pe_core_bare_patch8: peCore({ ...SIZE, layers: 2, mlpWidth: 80 }, { classToken: false, rotary: { offset: 0 } }),
  vit_test_patch8_siglip: siglip({ ...SIZE, layers: 1, heads: 4 }, 'gelu_tanh'),
}

export function openTiny(name: Tiny, options: OpenOptions = {}): Promise<Checkpoint> {
  const families = [clipFamily, siglipFamily, createOpenClipFamily(TRUNKS)]
  return openCheckpoint(tinyDir(name), { families, ...options })
}

/** The pictures of make_fixtures.py, [count, size, size, 3]. */
export function pictures(count: number, size: number): Uint8Array {
  const out = new Uint8Array(count * size * size * 3)
  let i = 0
  for (let b = 0; b < count; b++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        for (let c = 0; c < 3; c++) out[i++] = (b * 89 + y * 17 + x * 31 + c * 57 + ((y * x) >> 2)) & 255
      }
    }
  }
  return out
}

/** Saves and loads the graph in onnxruntime, runs it, and cuts its output into rows. */
export async function runGraph(graph: Graph, input: Tensor): Promise<Float32Array[]> {
  const path = join(temporaryFolder(), 'model.onnx')
  await saveModel(graph, path)
  return runFile(path, input)
}

export async function runFile(path: string, input: Tensor): Promise<Float32Array[]> {
  const { session } = await openSession(path, { threads: 1 })
  try {
    const results = await session.run({ [session.inputNames[0] as string]: input })
    return rowsOf(results[session.outputNames[0] as string] as Tensor)
  } finally {
    await session.release()
  }
}

export function pixelTensor(pixels: Uint8Array, size: number): Tensor {
  return new Tensor('uint8', pixels, [pixels.length / (size * size * 3), size, size, 3])
}

type Normalisation = Pick<Reference, 'mean' | 'std'>

/** As `plain` graphs take it: [count, 3, size, size], normalised. */
export function pixelValueTensor(
  pixels: Uint8Array,
  size: number,
  { mean = [0.48145466, 0.4578275, 0.40821073], std = [0.26862954, 0.26130258, 0.27577711] }: Normalisation = {},
): Tensor {
  const area = size * size
  const out = new Float32Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) {
    const c = i % 3
    const place = Math.floor(i / 3)
    const picture = Math.floor(place / area)
    const value = ((pixels[i] as number) / 255 - (mean[c] as number)) / (std[c] as number)
    out[(picture * 3 + c) * area + (place % area)] = value
  }
  return new Tensor('float32', out, [pixels.length / (area * 3), 3, size, size])
}

export function idTensor(rows: readonly (readonly number[])[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0])
}

function rowsOf(tensor: Tensor): Float32Array[] {
  const [count, width] = tensor.dims as [number, number]
  const data = tensor.data as Float32Array
  return Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width))
}

/** Length of the difference over the length of `b`: stricter than a cosine. */
export function relativeDistance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, i) => value - (b[i] as number))) / Math.hypot(...b)
}

/** A copy of the checkpoint with the tokenizer files that an export needs; `change` may spoil it. */
export function copyTiny(name: Tiny, change: (dir: string) => void = () => {}): string {
  const dir = temporaryFolder()
  cpSync(tinyDir(name), dir, { recursive: true })
  const { eosTokenId } = readReference(name)
  if (name.startsWith('siglip')) {
    writeFileSync(
      join(dir, 'tokenizer.json'),
      JSON.stringify({ model: { type: 'BPE', byte_fallback: true, vocab: { '<pad>': 0, '<eos>': 1 } } }),
    )
  } else {
    writeFileSync(join(dir, 'vocab.json'), JSON.stringify({ '<|endoftext|>': eosTokenId ?? lastToken(dir) }))
    writeFileSync(join(dir, 'merges.txt'), '#version: 0.2\n')
  }
  change(dir)
  return dir
}

function lastToken(dir: string): number {
  const { model_cfg } = JSON.parse(readFileSync(join(dir, 'open_clip_config.json'), 'utf8'))
  return model_cfg.text_cfg.vocab_size - 1
}
