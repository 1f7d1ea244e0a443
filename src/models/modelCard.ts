/** The card of a model directory: model.json. */

import { join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../util/atomicWrite.ts'
import { readCard } from './readCard.ts'
import { aboveZero, count, number, rgb, sha256, size, text } from './schemas.ts'
import { TOKENIZER_KINDS } from './tokenizerKinds.ts'

export const modelCardSchema = z.object(
  {
    /** Short name: 'clip-vit-base-patch32'. */
    name: text,
    /** Where it came from, for people: a folder or a hub's address. Never a secret. */
    source: text,
    /** Commit of the hub's repository; null for a local folder. */
    revision: z.string('text or null').nullable(),
    /** sha256 (hex) of the weights it was made from. */
    sourceSha256: sha256,
    /** sha256 (hex) of text.onnx with its external data; missing in directories made by earlier versions. */
    textSha256: sha256.optional(),
    /** Side of the square input in pixels. */
    imageSize: size,
    patchSize: size,
    embedDim: size,
    /** Maximum number of tokens of a prompt, start and end included. */
    contextLength: size,
    vocabSize: size,
    /** Ends a text. CLIP's embedding is read at its first position, SigLIP's at the last position of the row. */
    eosTokenId: count,
    /** How texts are padded. Cards from before this key are of causal towers, where padding changes nothing. */
    text: z
      .object(
        {
          /** The token behind the text; null: the end token. */
          padTokenId: count.nullable(),
        },
        'an object',
      )
      .default({ padTokenId: null }),
    /** e^logit_scale: 100 for OpenAI's. */
    logitScale: aboveZero,
    /** Added to each logit in training (SigLIP). It cancels out in margins and softmax, so no score uses it. */
    logitBias: number.default(0),
    /** Per RGB channel, for pixels in [0, 1]. */
    mean: rgb,
    std: rgb,
    /** How images became square in training; a camera's `fit` decides how its images do. */
    fit: z.enum(['crop', 'stretch', 'letterbox'], "'crop', 'stretch' or 'letterbox'").default('crop'),
    tokenizer: z.enum(TOKENIZER_KINDS, TOKENIZER_KINDS.join(', ')),
    /** `pixels`: uint8 [batch, size, size, 3]; `pixel_values`: float32 [batch, 3, size, size], normalised. */
    vision: z.object({ input: z.enum(['pixels', 'pixel_values'], "'pixels' or 'pixel_values'") }, 'an object'),
    parameters: z.object({ vision: count, text: count }, 'an object'),
  },
  'an object',
)

export type ModelCard = Readonly<z.output<typeof modelCardSchema>>

/** @throws WatchwordError `model-missing`, `model-card-invalid` */
export async function readModelCard(modelDir: string): Promise<ModelCard> {
  const hint = 'Make the directory with `watchword optimize`, or name another one'
  return readCard(join(modelDir, 'model.json'), modelCardSchema, hint)
}

/** @throws WatchwordError `unwritable`, `disk-full` */
export async function writeModelCard(modelDir: string, card: ModelCard): Promise<void> {
  await atomicWrite(join(modelDir, 'model.json'), `${JSON.stringify(card, null, 2)}\n`)
}
