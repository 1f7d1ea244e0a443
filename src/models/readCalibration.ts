/** The calibration of a checkpoint: its own file, or a default. */

import { join } from 'node:path'
import { z } from 'zod'
import type { Calibration } from '../types.ts'
import { readJsonIfThere } from '../util/readFile.ts'
import { parseForeign } from './parseForeign.ts'
import { aboveZero, number } from './schemas.ts'

export const calibrationSchema = z.object(
  { centre: number, width: aboveZero },
  '{"centre": a number, "width": a number above 0}',
)

/**
 * `calibration.json` of a checkpoint: {"centre": number, "width": number above 0}. Without it, centre 0: the score is 0.5
 * where an event's prompts fit as well as its contrast phrases. The width is then proportional to the logit scale.
 * @throws WatchwordError `calibration-invalid`, `json-invalid`
 */
export async function readCalibration(dir: string, logitScale: number): Promise<Calibration> {
  const file = join(dir, 'calibration.json')
  const value = await readJsonIfThere(file)
  if (value === null) return { centre: 0, width: Math.max(1, logitScale / 50) }
  return parseForeign(calibrationSchema, value, { file, code: 'calibration-invalid' })
}
