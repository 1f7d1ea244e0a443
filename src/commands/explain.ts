/** `watchword explain`: why an event rang, or why it did not at a given time, from what a run has stored. */

import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { loadConfig } from '../config/loadConfig.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { traceFolder } from '../history/eventTrace.ts'
import { openHistoryReader } from '../history/openHistoryReader.ts'
import { type KnownTrace, openTraceReader } from '../history/openTraceReader.ts'
import { atomicWrite } from '../util/atomicWrite.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { WatchwordError } from '../util/errors.ts'
import { shorten } from '../util/shorten.ts'
import { CONFIG_ARGUMENT, configPath } from './configPath.ts'
import { drawExplanation } from './explain/drawExplanation.ts'
import { explainJson } from './explain/explainJson.ts'
import { explainMoment } from './explain/explainMoment.ts'
import { explainText } from './explain/explainText.ts'
import { type Explanation, explanationOf } from './explain/explanation.ts'
import { type PastTime, pastTime } from './past/pastTime.ts'
import { storedPast } from './past/storedPast.ts'
import { makeWritable } from './writeFiles.ts'

interface Options {
  readonly at?: PastTime
  readonly camera?: string
  readonly event?: string
  readonly config?: string
  readonly dataDir?: string
  readonly output?: string
  readonly outputDir?: string
  readonly json?: true
}

const EXAMPLES = `
Works offline, beside a running Watchword and without one. An event is explained with the numbers of the moment. A time
without an event is computed again from the stored vectors, with what the camera has taught until now.

Examples:
  $ watchword explain 20261130T141502123-gate-delivery_van-4f
  $ watchword explain 20261130T141502123-gate-delivery_van-4f --output why.png
  $ watchword explain --at "2026-11-30 14:15:10" --camera gate --event delivery_van
  $ watchword explain --at 5m --camera gate --event delivery_van --json`

export function register(program: Command): void {
  program
    .command('explain')
    .description('explain why an event started, or why it did not at a given time')
    .argument('[event-id]', 'id of an event, as in messages, the journal and the log')
    .option('--at <time>', 'a time instead of an event: 2026-11-30T14:05:10 or how long ago, such as 5m', pastTime)
    .option('--camera <name>', 'the camera, with --at')
    .option('--event <name>', 'the event, with --at')
    .option('--config <file>', CONFIG_ARGUMENT)
    .option('--data-dir <dir>', '`data_dir` of the config (default: that of the config, as for `run`)')
    .option('--output <file>', 'write a chart to this PNG file')
    .option('--output-dir <dir>', 'write a chart to this directory')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(explain)
}

async function explain(id: string | undefined, options: Options): Promise<void> {
  const asked = askedOf(id, options)
  const { output, outputDir, json } = options
  if (outputDir !== undefined) await makeWritable(outputDir)
  if (output !== undefined) await makeWritable(dirname(output))
  const dataDir = dataDirOf(options)
  const explanation = 'id' in asked ? await explainId(dataDir, asked.id) : await explainAt(dataDir, asked, options)
  process.stdout.write(
    json ? `${JSON.stringify(explainJson(explanation), null, 2)}\n` : `${explainText(explanation)}\n`,
  )
  const file = output ?? (outputDir === undefined ? null : join(outputDir, `${fileNameOf(explanation)}.png`))
  if (file === null) return
  await atomicWrite(file, await drawExplanation(explanation, await thumbnailOf(dataDir, explanation)))
  if (!json) process.stdout.write(`\nChart: ${file}\n`)
}

type Asked = { readonly id: string } | { readonly at: number; readonly camera: string; readonly event: string }

function askedOf(id: string | undefined, { at, camera, event }: Options): Asked {
  if (id !== undefined) {
    if (at === undefined && camera === undefined && event === undefined) return { id }
    throw new WatchwordError('Expected an event id, or --at with --camera and --event, got both', {
      code: 'invalid-option',
    })
  }
  if (at === undefined || camera === undefined || event === undefined)
    throw new WatchwordError('Expected the id of an event, or --at, --camera and --event', {
      code: 'invalid-option',
      hint: 'Ids are in messages and in events.jsonl',
    })
  return { at: 'at' in at ? at.at : Date.now() - at.agoMs, camera, event }
}

function dataDirOf({ config, dataDir }: Options): string {
  if (dataDir !== undefined) return dataDirectory(dataDir)
  return dataDirectory(loadConfig(configPath(config), { library: readLibrary(), env: process.env }).config.data_dir)
}

async function explainId(dataDir: string, id: string): Promise<Explanation> {
  const reader = openTraceReader(traceFolder(dataDir))
  const trace = await reader.byId(id)
  if (trace !== null) return explanationOf(trace, null)
  const known = await reader.known()
  throw new WatchwordError(`No trace of an event \`${shorten(id, 120)}\` in ${dataDir}`, {
    code: 'event-id-unknown',
    hint:
      known.length === 0
        ? 'No event has a trace there yet: `watchword run` writes one for each event'
        : `Nearest: ${nearestIds(id, known).join(', ')}`,
  })
}

const NEAREST = 3
/** A row of a trace this near is that of the asked moment. */
const NEAR_MS = 2000

/** The ids with the longest common beginning: they start with their time. */
function nearestIds(id: string, known: readonly KnownTrace[]): string[] {
  const common = (other: string) => {
    let length = 0
    while (length < id.length && id[length] === other[length]) length++
    return length
  }
  const ids = known.map(each => each.id).reverse()
  return ids.sort((a, b) => common(b) - common(a)).slice(0, NEAREST)
}

async function explainAt(
  dataDir: string,
  asked: { readonly at: number; readonly camera: string; readonly event: string },
  { config, dataDir: given }: Options,
): Promise<Explanation> {
  const trace = await openTraceReader(traceFolder(dataDir)).covering(asked.camera, asked.event, asked.at)
  // A long trace leaves frames out; the history may be nearer.
  if (trace?.rows.some(({ at }) => Math.abs(at - asked.at) <= NEAR_MS)) return explanationOf(trace, asked.at)
  const past = await storedPast({
    ...(config !== undefined && { config }),
    ...(given !== undefined && { dataDir: given }),
  })
  try {
    return await explainMoment(past, asked)
  } finally {
    await past.close()
  }
}

async function thumbnailOf(dataDir: string, { moment, model, camera }: Explanation): Promise<Uint8Array | null> {
  if (moment === null || moment.row.view === null) return null
  const reader = openHistoryReader({ dataDir, model })
  try {
    return await reader.thumbnail(camera, moment.row.at, moment.row.view)
  } finally {
    await reader.close()
  }
}

function fileNameOf({ id, camera, event, moment }: Explanation): string {
  return id ?? `${new Date(moment?.row.at ?? 0).toISOString().replace(/[-:.Z]/g, '')}-${camera}-${event}`
}
