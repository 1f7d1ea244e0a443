/** The models that can be pulled: config/registry.json pins each one's revision, sizes and hashes. */

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { messageOf, WatchwordError } from '../util/errors.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const pinnedFile = z.strictObject({
  /** In the hub's repository. */
  path: z.string().min(1),
  /** In the model's own directory. */
  as: z.string().regex(/^[\w.-]+$/),
  /** null: not published anywhere we know; the hash alone decides. */
  bytes: z.int().positive().nullable(),
  sha256,
})

const entry = z.strictObject({
  description: z.string().min(1),
  license: z.string().min(1),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  revision: z.string().regex(/^[0-9a-f]{40}$/),
  /** `checkpoint`: config.json and safetensors, exported at first use. `onnx-pair`: two towers that are ONNX already. */
  form: z.enum(['checkpoint', 'onnx-pair']),
  files: z.array(pinnedFile).min(1),
  /** Of an ONNX pair: what its files don't say. */
  card: z
    .strictObject({
      imageSize: z.int().positive(),
      patchSize: z.int().positive(),
      embedDim: z.int().positive(),
      contextLength: z.int().positive(),
      vocabSize: z.int().positive(),
      eosTokenId: z.int().nonnegative(),
      logitScale: z.number().positive(),
      mean: z.tuple([z.number(), z.number(), z.number()]),
      std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
      parameters: z.strictObject({ vision: z.int().positive(), text: z.int().positive() }),
    })
    .optional(),
})

export type PinnedFile = z.output<typeof pinnedFile>
export type CatalogEntry = z.output<typeof entry>
/** Name → what to pull. */
export type Catalog = Readonly<Record<string, CatalogEntry>>

const registryPath = fileURLToPath(new URL('../../config/registry.json', import.meta.url))

/** @throws WatchwordError `registry-invalid` */
export async function readCatalog(path = registryPath): Promise<Catalog> {
  try {
    const { models } = z
      .strictObject({ models: z.record(z.string(), entry) })
      .parse(JSON.parse(await readFile(path, 'utf8')))
    // Without a prototype: a user may ask for the model `constructor`.
    return Object.assign(Object.create(null), models)
  } catch (cause) {
    throw new WatchwordError(`Cannot read the list of models in ${path}: ${messageOf(cause)}`, {
      code: 'registry-invalid',
      hint: 'Install watchword again',
      cause,
    })
  }
}
