/** Reads the list of models that can be pulled: config/registry.json. */

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { modelCardSchema } from './modelCard.ts'
import { sha256 } from './schemas.ts'

const commit = z.string().regex(/^[0-9a-f]{40}$/)
const repositoryName = z.string().regex(/^[\w.-]+\/[\w.-]+$/)
const fileName = z.string().regex(/^[\w.-]+$/)

const listedFile = z.strictObject({
  /** Path in the hub's repository. */
  path: z.string().min(1),
  /** Name in the model's own directory. */
  as: fileName,
  /** null: not known here. */
  bytes: z.int().positive().nullable(),
  /** null: not known here; the first download pins it. */
  sha256: sha256.nullable(),
  /** Another repository that has the file, with the hash above: CLIP’s vocabulary is the same for all models. */
  from: z.strictObject({ repository: repositoryName, revision: commit }).optional(),
})

/** A number with the publication or formula that it comes from. */
const sourced = (value: z.ZodNumber) => z.strictObject({ value, source: z.string().min(1) })

const entry = z.strictObject({
  description: z.string().min(1),
  license: z.strictObject({
    name: z.string().min(1),
    url: z.url(),
    /** What the licence forbids; the user must then accept it before the download. */
    restriction: z.string().min(1).optional(),
  }),
  /** Of prompts: 'English'. */
  languages: z.string().min(1),
  /** GFLOPs of the image tower per frame (one multiplication and addition are two); null: not published. */
  gflops: sourced(z.number().positive()).nullable(),
  /** Zero-shot accuracy on ImageNet, %. */
  imagenet: sourced(z.number().positive().max(100)),
  isRecommended: z.literal(true).optional(),
  repository: repositoryName,
  /** null: the first download pins the newest commit. */
  revision: commit.nullable(),
  /** `checkpoint`: a configuration and safetensors, exported at first use. `onnx-towers`: both towers are ONNX files already. */
  form: z.enum(['checkpoint', 'onnx-towers']),
  files: z.array(listedFile).min(1),
  /** For an ONNX pair: what its files do not contain. */
  card: modelCardSchema
    .pick({ imageSize: true, patchSize: true, embedDim: true, contextLength: true, vocabSize: true, eosTokenId: true })
    .extend(modelCardSchema.pick({ logitScale: true, mean: true, std: true, parameters: true, text: true }).shape)
    .strict()
    .optional(),
})

export type ListedFile = z.output<typeof listedFile>
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

/** The cost of ViT-B/32 at 224 pixels in GFLOPs, to which `models list` compares. */
const REFERENCE_GFLOPS = 8.82

/** Cost per frame, compared with ViT-B/32; null when it is not published. */
export function relativeCost({ gflops }: Pick<CatalogEntry, 'gflops'>): number | null {
  return gflops === null ? null : gflops.value / REFERENCE_GFLOPS
}
