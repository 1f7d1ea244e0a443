/** Reads the published numbers of a model: config/reference/<name>.json. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { isThere, readJson } from '../../util/readFile.ts'

const vector = z.string().transform(text => {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(Uint8Array.from(bytes).buffer)
})
const source = z.string().min(1)
const image = z.string().min(1)

/** Numbers of one image with several texts. */
const withTexts = <T extends string>(kind: T) =>
  z.strictObject({
    kind: z.literal(kind),
    image,
    texts: z.array(z.string()).min(1),
    values: z.array(z.number()).min(1),
    /** Largest difference. */
    tolerance: z.number().positive(),
    source,
  })

/** [dim] float32 as base64; its length does not count. */
const compared = { vector, leastCosine: z.number().positive(), source }

const number = z.discriminatedUnion('kind', [
  withTexts('logits'),
  withTexts('probabilities'),
  withTexts('cosines'),
  z.strictObject({ kind: z.literal('imageVector'), image, ...compared }),
  z.strictObject({ kind: z.literal('textVector'), text: z.string(), ...compared }),
  /** Ids up to the end token, without padding. */
  z.strictObject({ kind: z.literal('tokens'), text: z.string(), ids: z.array(z.int()).min(1), source }),
])

const referenceSchema = z.strictObject({
  numbers: z.array(number),
  /** File in config/reference/images; null: an image that may not be shipped, see `--images`. */
  images: z.record(z.string(), z.strictObject({ file: z.string().nullable() })),
  /** Phrases of the prompt library that this model is known to take for another event. */
  knownMisses: z.array(z.string()).default([]),
})

export type Reference = z.output<typeof referenceSchema>
export type PublishedNumber = Reference['numbers'][number]

const folder = fileURLToPath(new URL('../../../config/reference', import.meta.url))
export const REFERENCE_IMAGES = join(folder, 'images')

/** The numbers of the first of these names that has some; null when none has. */
export async function readReference(names: readonly string[]): Promise<Reference | null> {
  const path = names
    .filter(name => /^[\w.-]+$/.test(name))
    .map(name => join(folder, `${name}.json`))
    .find(isThere)
  return path === undefined ? null : referenceSchema.parse(await readJson(path))
}
