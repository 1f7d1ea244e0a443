/** The calibration that a model brings along, or the one for models that nobody fitted. */

import { join } from 'node:path'
import type { Calibration } from '../types.ts'
import { WatchwordError } from '../util/errors.ts'
import { readJsonIfThere } from '../util/readFile.ts'

/**
 * `calibration.json` of a checkpoint: {"centre": number, "width": number above 0}. Without it: centre 0, where an event's
 * phrase weighs as much as all that it is held against, and a width in proportion to the model's scale.
 * @throws WatchwordError `calibration-invalid`, `json-invalid`
 */
export async function readCalibration(dir: string, logitScale: number): Promise<Calibration> {
  const path = join(dir, 'calibration.json')
  const value = await readJsonIfThere(path)
  if (value === null) return { centre: 0, width: Math.max(1, logitScale / 50) }
  const { centre, width } = value as Partial<Record<keyof Calibration, unknown>>
  if (typeof centre !== 'number' || typeof width !== 'number' || !(width > 0)) {
    throw new WatchwordError(`Expected {"centre": a number, "width": a number above 0} in ${path}`, {
      code: 'calibration-invalid',
    })
  }
  return { centre, width }
}
