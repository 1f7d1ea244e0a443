/** Reads the list of models that can be pulled. config/registry.json pins the revision, sizes and hashes of each. */

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { modelCardSchema } from './modelCard.ts'
import { sha256 } from './schemas.ts'

const pinnedFile = z.strictObject({
  /** Path in the hub's repository. */
  path: z.string().min(1),
  /** Name in the model's own directory. */
  as: z.string().regex(/^[\w.-]+$/),
  /** null: the size is not published; only the hash is checked. */
  bytes: z.int().positive().nullable(),
  sha256,
})

const entry = z.strictObject({
  description: z.string().min(1),
  license: z.string().min(1),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  revision: z.string().regex(/^[0-9a-f]{40}$/),
  /** `checkpoint`: config.json and safetensors, exported at first use. `onnx-towers`: both towers are ONNX files already. */
  form: z.enum(['checkpoint', 'onnx-towers']),
  files: z.array(pinnedFile).min(1),
  /** For an ONNX pair: what its files do not contain. */
  card: modelCardSchema
    .pick({ imageSize: true, patchSize: true, embedDim: true, contextLength: true, vocabSize: true, eosTokenId: true })
    .extend(modelCardSchema.pick({ logitScale: true, mean: true, std: true, parameters: true }).shape)
    .strict()
    .optional(),
})

export type PinnedFile = z.output<typeof pinnedFile>
export type CatalogEntry = z.output<typeof entry>
/** Model name → what to pull. */
export type Catalog = Readonly<Record<string, CatalogEntry>>

const registryPath = fileURLToPath(new URL('../../config/registry.json', import.meta.url))

/** @throws WatchwordError `registry-invalid` */
export async function readCatalog(path = registryPath): Promise<Catalog> {
  try {
    const { models } = z
      .strictObject({ models: z.record(z.string(), entry) })
      .parse(JSON.parse(await readFile(path, 'utf8')))
    // No prototype, because a user may ask for a model called `constructor`.
    return Object.assign(Object.create(null), models)
  } catch (cause) {
    throw new WatchwordError(`Cannot read the list of models in ${path}: ${messageOf(cause)}`, {
      code: 'registry-invalid',
      hint: 'Install watchword again',
      cause,
    })
  }
}
