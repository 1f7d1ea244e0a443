/** `watchword calibrate`: the thresholds of all events, from the stored past, answers and a budget. */

import type { Command } from 'commander'
import { openAnswers } from '../answers/openAnswers.ts'
import type { EventEdit } from '../config/editEvents.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { readText } from '../config/readText.ts'
import { writeEvent } from '../config/writeEvent.ts'
import { type Calibrated, calibrateEvents } from './calibrate/calibrateEvents.ts'
import { calibrateJson, calibrateText } from './calibrate/calibrateText.ts'
import { configPath } from './configPath.ts'
import type { PastOptions as OpenOptions, Past } from './past/openPast.ts'
import { addPastOptions, type CommonPastOptions } from './past/pastOptions.ts'
import { timeRange } from './past/pastTime.ts'
import { storedPast } from './past/storedPast.ts'
import { createProgress } from './progress.ts'
import { budgetOption } from './trial/budgetOption.ts'

interface Options extends CommonPastOptions {
  /** Alarms a day. */
  readonly budget: number
  readonly write?: true
}

export interface CalibrateDeps {
  readonly stdout: { write(text: string): unknown }
  readonly openPast: (options: OpenOptions) => Promise<Past>
  /** ms since the epoch. */
  readonly now: () => number
  readonly env: Readonly<Record<string, string | undefined>>
}

const EXAMPLES = `
Shows, for every event, how often it would have rung and the threshold that keeps the budget; where there are answers,
they count, too. A threshold belongs to the event, not to a camera: alarms of all cameras count together. Without
answers a threshold is only raised, and only when it rang too often.

Examples:
  $ watchword calibrate
  $ watchword calibrate --budget 3/week --since 14d
  $ watchword calibrate --budget 2/day --write
  $ watchword calibrate --json | jq '.events[] | select(.changed)'`

export function register(program: Command, deps: Partial<CalibrateDeps> = {}): void {
  const all: CalibrateDeps = { stdout: process.stdout, openPast: storedPast, now: Date.now, env: process.env, ...deps }
  const command = program
    .command('calibrate')
    .description('the thresholds of all events for a budget of alarms, from the stored past and answers')
  addPastOptions(command, '7d')
    .addOption(budgetOption('most alarms of each event, on all cameras together'))
    .option('--write', 'write the new thresholds into the config; comments stay')
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => run(options, all))
}

async function run(options: Options, { stdout, openPast, now, env }: CalibrateDeps): Promise<void> {
  const { budget, camera = null, json } = options
  const range = timeRange(options, now())
  // The text on which the past is opened: when another one is there at the end, it is not overwritten.
  const text = options.write ? readText(configPath(options.config)) : null
  const past = await openPast(options)
  const progress = createProgress('looking', 1)
  try {
    const { answers } = await openAnswers(past.dataDir).read()
    const found = await calibrateEvents(past, { cameras: camera, range, budget, answers, onProgress: progress.at })
    progress.done()
    const edits = editsOf(found)
    let failure: unknown = null
    if (text !== null && edits.length > 0) {
      const place = { path: past.path, text, lockFolder: past.dataDir, library: readLibrary(), env }
      await writeEvent(edits, place).catch(error => {
        failure = error
      })
    }
    const isWritten = text !== null && edits.length > 0 && failure === null
    const result = { ...found, budget, written: isWritten ? past.path : null }
    stdout.write(json ? calibrateJson(result) : `${calibrateText(result)}\n`)
    if (failure !== null) throw failure
  } finally {
    progress.done()
    await past.close()
  }
}

function editsOf({ events }: Calibrated): EventEdit[] {
  return events.flatMap(({ event, choice, isChanged }) =>
    choice !== null && isChanged ? [{ kind: 'threshold' as const, event, threshold: choice.threshold }] : [],
  )
}
