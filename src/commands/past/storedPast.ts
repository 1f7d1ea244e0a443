/** Opens the past of a command with the history on disk. */

import { openHistoryReader } from '../../history/openHistoryReader.ts'
import { storedModels } from '../../history/storedModels.ts'
import { openPast, type Past, type PastOptions } from './openPast.ts'

/** @throws as `openPast` */
export function storedPast(options: PastOptions): Promise<Past> {
  const onStep = (sentence: string) => process.stderr.write(`${sentence}\n`)
  return openPast(options, {
    openReader: place => openHistoryReader({ ...place, report: onStep }),
    storedModels,
    onStep,
  })
}
