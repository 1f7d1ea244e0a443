/** The calibration of a checkpoint: its own file, or a default. */

import { join } from 'node:path'
import { z } from 'zod'
import type { Calibration } from '../scoringTypes.ts'
import { readJsonIfThere } from '../util/readFile.ts'
import { parseForeign } from './parseForeign.ts'
import { aboveZero, number } from './schemas.ts'

export const calibrationSchema = z.object(
  { centre: number, width: aboveZero, images: aboveZero.optional() },
  '{"centre": a number, "width": a number above 0, "images": a number above 0 or nothing}',
)

/**
 * Nats per unit of logit scale. With the real ViT-B/32 (logit scale 100) a margin of 5 nats is so high that at most 5 %
 * of the images without the event reach it, whatever the event, the number of contrasts and the places
 * (`npm run bench -- real`). Clear events reach it; a camera's own images soon allow a lower limit.
 */
const CAUTIOUS = { centre: 0.05, width: 0.01 }

/**
 * `calibration.json` of a checkpoint: {"centre": number, "width": number above 0, "images": number above 0}. The last one
 * may be missing. Without the file: a cautious default, proportional to the logit scale.
 * @throws WatchwordError `calibration-invalid`, `json-invalid`
 */
export async function readCalibration(dir: string, logitScale: number): Promise<Calibration> {
  const file = join(dir, 'calibration.json')
  const value = await readJsonIfThere(file)
  if (value === null) return { centre: CAUTIOUS.centre * logitScale, width: CAUTIOUS.width * logitScale }
  return parseForeign(calibrationSchema, value, { file, code: 'calibration-invalid' })
}
