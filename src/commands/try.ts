/** `watchword try`: runs an event over the stored past, before it is switched on. */

import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { count, scoreThreshold } from './arguments.ts'
import { type AskedOptions, askedEvent } from './past/askedEvent.ts'
import type { PastOptions as OpenOptions, Past } from './past/openPast.ts'
import { addPastOptions, type CommonPastOptions, repeated } from './past/pastOptions.ts'
import { timeRange } from './past/pastTime.ts'
import { storedPast } from './past/storedPast.ts'
import { createProgress } from './progress.ts'
import { tryEvent } from './try/tryEvent.ts'
import { tryFiles } from './try/tryFiles.ts'
import { tryJson } from './try/tryJson.ts'
import { tryText } from './try/tryText.ts'
import { makeWritable, writeFiles } from './writeFiles.ts'

interface Options extends CommonPastOptions, Pick<AskedOptions, 'against' | 'rule'> {
  readonly threshold?: number
  readonly zone?: string
  readonly top: number
  readonly outputDir?: string
}

export interface TryDeps {
  readonly stdout: { write(text: string): unknown }
  readonly openPast: (options: OpenOptions) => Promise<Past>
  /** ms since the epoch. */
  readonly now: () => number
}

/** Rules that a phrase alone suffices for. */
const RULES = ['present', 'moves', 'stops', 'loiters', 'leaves']

const EXAMPLES = `
Shows how many events a day it would have made at each threshold, the strongest ones, and those nearest to the
threshold. Works while Watchword runs. Numbers are of the past that is stored: other days may differ.

Examples:
  $ watchword try 'a van at the gate'
  $ watchword try 'a van at the gate' --against 'a car at the gate' --rule stops --threshold 0.6
  $ watchword try delivery_van --camera drive --zone gate --since 3d
  $ watchword try 'a dog on the lawn' --output-dir tried
  $ watchword try 'a dog on the lawn' --json | jq '.thresholds[] | [.threshold, .per_day]'`

export function register(program: Command, deps: Partial<TryDeps> = {}): void {
  const all: TryDeps = { stdout: process.stdout, openPast: storedPast, now: Date.now, ...deps }
  const command = program
    .command('try')
    .description('run an event over the stored past: how often it would have started, and when')
    .argument('<what>', 'a phrase, or the name of an event of the config or the prompt library')
    .addOption(repeated('--against <phrase>', 'what it is mistaken for (a negative prompt); may be repeated'))
    .addOption(
      new Option('--rule <rule>', 'how scores become an event (default: that of the event, or present)').choices(RULES),
    )
    .option(
      '--threshold <score>',
      'score at which the event starts (default: that of the event, or 0.5)',
      scoreThreshold,
    )
    .option('--zone <name>', 'count only what is in this zone, on cameras that have it')
  addPastOptions(command, '7d')
    .option('--top <n>', 'number of strongest events, and of nearest ones', count, 10)
    .option('--output-dir <dir>', 'write try.html, contact-sheet.png and try.json to this directory')
    .addHelpText('after', EXAMPLES)
    .action((what: string, options: Options) => run(what, options, all))
}

async function run(what: string, options: Options, { stdout, openPast, now }: TryDeps): Promise<void> {
  const { camera, zone, threshold, top, outputDir, json } = options
  const range = timeRange(options, now())
  // Fail before the work starts, not after it.
  if (outputDir !== undefined) await makeWritable(outputDir)
  const past = await openPast(options)
  const progress = createProgress('looking', 1)
  try {
    const asked = askedEvent(what, { ...options, ...(zone !== undefined && { zones: [zone] }) }, past.config)
    const tried = await tryEvent(past, {
      asked,
      threshold: threshold ?? null,
      cameras: camera ?? null,
      zone: zone ?? null,
      range,
      top,
      onProgress: progress.at,
    })
    progress.done()
    stdout.write(json ? tryJson(tried) : `${tryText(tried)}\n`)
    if (outputDir === undefined) return
    await writeFiles(outputDir, await tryFiles(tried))
    if (!json) stdout.write(`\nwritten to ${join(outputDir, '')}\n`)
  } finally {
    progress.done()
    await past.close()
  }
}
