/** `watchword search`: finds the moments of the stored past that fit a phrase. */

import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../config/units.ts'
import { count } from './arguments.ts'
import { askedEvent } from './past/askedEvent.ts'
import type { PastOptions as OpenOptions, Past } from './past/openPast.ts'
import { addPastOptions, type CommonPastOptions, repeated } from './past/pastOptions.ts'
import { timeRange } from './past/pastTime.ts'
import { storedPast } from './past/storedPast.ts'
import { searchFiles } from './search/searchFiles.ts'
import { searchJson } from './search/searchJson.ts'
import { searchPast } from './search/searchPast.ts'
import { searchText } from './search/searchText.ts'
import { makeWritable, writeFiles } from './writeFiles.ts'

interface Options extends CommonPastOptions {
  readonly against?: readonly string[]
  readonly top: number
  /** ms */
  readonly merge: number
  readonly outputDir?: string
}

export interface SearchDeps {
  readonly stdout: { write(text: string): unknown }
  readonly openPast: (options: OpenOptions) => Promise<Past>
  /** ms since the epoch. */
  readonly now: () => number
}

const EXAMPLES = `
Ranks by the score that an event with this phrase would have: how far an image stands out from what its camera usually
shows. Works while Watchword runs.

Examples:
  $ watchword search 'a red van at the gate'
  $ watchword search 'a dog on the lawn' --camera garden --since 7d --top 5
  $ watchword search 'a person with a parcel' --against 'a person' --since 2026-11-30T08:00 --until 2026-11-30T10:00
  $ watchword search 'a red van' --output-dir found
  $ watchword search 'a red van' --json | jq '.moments[] | [.time, .camera, .score]'`

export function register(program: Command, deps: Partial<SearchDeps> = {}): void {
  const all: SearchDeps = { stdout: process.stdout, openPast: storedPast, now: Date.now, ...deps }
  const command = program
    .command('search')
    .description('find the moments of the stored past that fit a phrase')
    .argument('<what>', 'a phrase, or the name of an event of the config or the prompt library')
    .addOption(repeated('--against <phrase>', 'what it must not be (a negative prompt); may be repeated'))
  addPastOptions(command, '24h')
    .option('--top <n>', 'most moments', count, 20)
    .addOption(
      new Option('--merge <time>', 'images of a camera that are no further apart are one moment')
        .argParser(mergeTime)
        .default(30_000, '30s'),
    )
    .option('--output-dir <dir>', 'write contact-sheet.png, the stored JPEGs and search.json to this directory')
    .addHelpText('after', EXAMPLES)
    .action((what: string, options: Options) => run(what, options, all))
}

async function run(what: string, options: Options, { stdout, openPast, now }: SearchDeps): Promise<void> {
  const { camera, top, merge, outputDir, json } = options
  const range = timeRange(options, now())
  // Fail before the work starts, not after it.
  if (outputDir !== undefined) await makeWritable(outputDir)
  const past = await openPast(options)
  try {
    const asked = askedEvent(what, options, past.config)
    const searched = await searchPast(past, { asked, cameras: camera ?? null, range, top, mergeMs: merge })
    stdout.write(json ? searchJson(searched) : `${searchText(searched)}\n`)
    if (outputDir === undefined) return
    await writeFiles(outputDir, await searchFiles(searched))
    if (!json) stdout.write(`\nwritten to ${join(outputDir, '')}\n`)
  } finally {
    await past.close()
  }
}

function mergeTime(text: string): number {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  throw new InvalidArgumentError(`Expected a duration such as 30s or 5m, got "${text.slice(0, 60)}"`)
}
