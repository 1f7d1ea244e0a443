/** Opens the past of a command with the history on disk. */

import { openHistoryReader } from '../../history/openHistoryReader.ts'
import { allSegments } from '../../history/segments.ts'
import { openPast, type Past, type PastOptions } from './openPast.ts'

/** @throws as `openPast` */
export async function storedPast(options: PastOptions): Promise<Past> {
  const say = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  // When nothing can be read, the error says why in one line.
  const early: string[] = []
  let report = (line: string): void => void early.push(line)
  const past = await openPast(options, {
    openReader: place => openHistoryReader({ ...place, report: line => report(line) }),
    storedModels: dataDir => [...new Set(allSegments(dataDir).map(({ model }) => model))],
    onStep: say,
  })
  report = say
  for (const line of early) say(line)
  return past
}
