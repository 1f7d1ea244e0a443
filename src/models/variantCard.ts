/** The card of a model's variant: <variant>.json. */

import { join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../util/atomicWrite.ts'
import { calibrationSchema } from './readCalibration.ts'
import { readCard } from './readCard.ts'
import { count, fraction, number, sha256, text } from './schemas.ts'

const texts = z.array(z.string('a list of texts'), 'a list of texts').readonly()

const variantCardSchema = z.object(
  {
    variant: text,
    /** How it was made: ['fp32'], ['slim 50 %', 'int8']. */
    recipe: texts,
    /** Name of the ONNX file in the model directory. */
    file: z.string('a file name ending in .onnx').regex(/^[^/\\]+\.onnx$/, 'a file name ending in .onnx'),
    /** Size on disk, external data included. */
    bytes: count,
    /** sha256 (hex) of the ONNX file, followed by its external data if there is any. */
    sha256,
    sourceSha256: sha256,
    parameters: z.object({ total: count, nonZero: count }, 'an object'),
    /** 1 − nonZero / total: [0, 1]. */
    sparsity: fraction,
    /** Cosine similarity with the fp32 embeddings on real frames; null until measured. */
    cosine: z.object({ mean: number, min: number, frames: count }, '{mean, min, frames} or null').nullable(),
    /** Fraction of event decisions equal to fp32's, [0, 1]; null until measured. */
    agreement: z
      .number('a number in [0, 1] or null')
      .min(0, 'a number in [0, 1] or null')
      .max(1, 'a number in [0, 1] or null')
      .nullable(),
    calibration: calibrationSchema,
    /** The machine that measured. */
    cpu: z.object(
      {
        model: z.string('text'),
        flags: texts,
        /** How int8 layers were multiplied (`onnx/session/int8Kernel.ts`); null until measured. */
        int8Kernel: z.enum(['u8s8', 'u8u8'], 'u8s8, u8u8 or null').nullable().default(null),
      },
      'an object',
    ),
    /** 'watchword 0.1.0' */
    createdBy: text,
  },
  'an object',
)

export type VariantCard = Readonly<z.output<typeof variantCardSchema>>

/** @throws WatchwordError `model-missing`, `model-card-invalid` */
export async function readVariantCard(modelDir: string, variant: string): Promise<VariantCard> {
  const hint = `Make the variant with \`watchword optimize --variants ${variant}\``
  return readCard(join(modelDir, `${variant}.json`), variantCardSchema, hint)
}

/** @throws WatchwordError `unwritable`, `disk-full` */
export async function writeVariantCard(modelDir: string, card: VariantCard): Promise<void> {
  await atomicWrite(join(modelDir, `${card.variant}.json`), `${JSON.stringify(card, null, 2)}\n`)
}

/** Name of a variant's ONNX file. */
export function visionFile(variant: string): string {
  return `vision.${variant}.onnx`
}
