/** The product's own scoring on vectors of the real CLIP that others published: `npm run bench -- real --data DIR`. */

import { readCalibration } from '../src/models/readCalibration.ts'
import { InputError } from '../test/support/inputError.ts'
import { SPOILED_PERCENTS } from './real/measureCase.ts'
import { BANK_FPS, measureFolder, type RealResults } from './real/measureFolder.ts'
import { openFolder } from './real/openFolder.ts'
import { caseTable, seriesTables, targetTable } from './real/tables.ts'
import type { Measurement } from './report.ts'

export interface RealOptions {
  /** A folder with cases.json, text/, pictures/ and perhaps series/. */
  readonly data: string | undefined
  /** Print the results as JSON and write nothing down. */
  readonly json: boolean
  /** Without a folder: an error if this measurement was asked for by its name, else it is skipped. */
  readonly isWanted: boolean
}

const WITHOUT_DATA = 'pass --data DIR, a folder with cases.json, text/phrases.{json,npy}, pictures/ and series/'

/** @returns null when nothing is to be written down. @throws InputError with one line for what is missing in the folder */
export async function benchReal({ data, json, isWanted }: RealOptions): Promise<Measurement | null> {
  if (data === undefined) {
    if (isWanted) throw new InputError(WITHOUT_DATA)
    console.log(`real: skipped; ${WITHOUT_DATA}`)
    return null
  }
  const folder = openFolder(data)
  const results = measureFolder(folder, await readCalibration(folder.path, folder.logitScale))
  if (json) {
    console.log(JSON.stringify(jsonOf(results)))
    return null
  }
  return {
    name: 'real',
    title: 'Published vectors of the real ViT-B/32',
    method: METHOD.replace('DIR', folder.name),
    ...caseTable(results.cases),
    notes: [...seriesTables(results), targetTable(results)],
  }
}

const METHOD =
  'The product’s scoring on pictures whose vectors others published, with the default calibration of an uncalibrated model (prior) and with quiet pictures of the case (bank); folder `DIR`. Found and false: share of the pictures with and without the event whose score is at least 0.5. ROC: what is found at a fixed share of false ones, whatever the threshold. Changed: share of decisions that are others after ten more background phrases, evenly spaced over those that share no word with the prompts and are no more similar to the event than its background. Spoiled: found / false when the event is in so many of the bank’s pictures; half of the pictures with the event (fixed seed) are for the bank, repeated where they are too few, the other half is tested; 0 %: the clean bank on that half.'

function jsonOf({ cases, hazards, quietDrives: drives, cameras }: RealResults) {
  const series = [...hazards, ...drives.filter(({ bankFps }) => bankFps === BANK_FPS[0]), ...cameras]
  return {
    cases: cases.map(({ spoiled, unspoiled: _, ...rest }) => ({
      ...rest,
      spoiled: Object.fromEntries(SPOILED_PERCENTS.map(percent => [percent, spoiled[percent].found])),
    })),
    series: series.map(({ name, events, hours }) => ({ name, events, hours })),
  }
}
