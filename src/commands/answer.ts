/** `watchword answer`: says whether events were right. */

import { type Command, Option } from 'commander'
import type { Answer } from '../answers/answer.ts'
import { openAnswers } from '../answers/openAnswers.ts'
import { WatchwordError } from '../util/errors.ts'
import { type AnswerSources, answerEvent, answerMoment } from './answer/answerEvent.ts'
import { answerJson } from './answer/answerJson.ts'
import { type AnswerPlace, openAnswerPlace } from './answer/openAnswerPlace.ts'
import { CONFIG_ARGUMENT } from './configPath.ts'
import { type PastTime, pastTime } from './past/pastTime.ts'

/** The parts of the process that the command uses. */
export interface AnswerDeps {
  readonly stdout: { write(text: string): unknown }
  readonly open: (options: Options) => Promise<AnswerPlace>
  readonly now: () => number
}

interface Options {
  readonly config?: string
  readonly dataDir?: string
  readonly at?: PastTime
  readonly camera?: string
  readonly event?: string
  readonly json?: true
}

const EXAMPLES = `
The last word is yes (the event was there) or no. Answers of a camera correct the scores of its next events, say how often
it is right, and set thresholds (\`watchword calibrate\`). A running Watchword follows them within seconds.
\`watchword answers\` lists them and takes them back. Ids are in the events' messages and in events.jsonl.

Examples:
  $ watchword answer 20261130T192349560-gate-van-1a no
  $ watchword answer 20261130T192349560-gate-van-1a 20261130T202511040-gate-van-2f yes
  $ watchword answer --at 2026-11-30T14:05 --camera gate --event van yes`

export function register(program: Command, deps: Partial<AnswerDeps> = {}): void {
  const all: AnswerDeps = { stdout: process.stdout, open: openAnswerPlace, now: Date.now, ...deps }
  program
    .command('answer')
    .description('say whether events were right: yes or no')
    .argument('<ids and yes|no...>', 'ids of events, then yes or no')
    .addOption(new Option('--at <time>', 'answer about a moment instead of an event').argParser(pastTime))
    .option('--camera <name>', 'with --at: the camera')
    .option('--event <name>', 'with --at: the event')
    .option('--config <file>', CONFIG_ARGUMENT)
    .option('--data-dir <dir>', '`data_dir` of the config (default: that of the config, as for `run`)')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((words: string[], options: Options) => run(words, options, all))
}

async function run(words: readonly string[], options: Options, { stdout, open, now }: AnswerDeps): Promise<void> {
  const yes = yesOrNo(words.at(-1) ?? '')
  const ids = words.slice(0, -1)
  const moment = momentOf(ids, options, now())
  const place = await open(options)
  try {
    if (moment !== null) expectKnown(moment, place)
    const sources: AnswerSources = { ...place, answers: openAnswers(place.dataDir), now: now() }
    const answers: Answer[] = []
    if (moment !== null) answers.push(await answerMoment(moment, yes, sources))
    // What was stored before an unknown id stays, and is printed.
    try {
      for (const id of ids) answers.push(await answerEvent(id, yes, sources))
    } finally {
      if (options.json) stdout.write(`${JSON.stringify(answers.map(answerJson), null, 2)}\n`)
      else for (const answer of answers) stdout.write(`${textOf(answer)}\n`)
    }
  } finally {
    await place.close()
  }
}

function yesOrNo(word: string): boolean {
  if (word === 'yes' || word === 'no') return word === 'yes'
  throw new WatchwordError(`Expected yes or no as the last word, got "${word.slice(0, 80)}"`, {
    code: 'invalid-option',
  })
}

function momentBefore(time: PastTime, now: number): number {
  const at = 'at' in time ? time.at : now - time.agoMs
  if (at <= now) return at
  throw new WatchwordError('Expected --at to be a time in the past', { code: 'invalid-option' })
}

function momentOf(ids: readonly string[], { at, camera, event }: Options, now: number) {
  if (at === undefined && camera === undefined && event === undefined) {
    if (ids.length > 0) return null
    throw new WatchwordError('Expected the id of an event before yes or no', { code: 'invalid-option' })
  }
  if (at === undefined || camera === undefined || event === undefined || ids.length > 0)
    throw new WatchwordError('Expected ids of events, or --at, --camera and --event together', {
      code: 'invalid-option',
    })
  return { camera, event, at: momentBefore(at, now) }
}

function expectKnown({ camera, event }: { readonly camera: string; readonly event: string }, place: AnswerPlace): void {
  const { cameras, events } = place
  for (const [kind, name, known] of [
    ['camera', camera, cameras],
    ['event', event, Object.keys(events)],
  ] as const)
    if (!known.includes(name))
      throw new WatchwordError(
        `There is no ${kind} "${name.slice(0, 80)}" in the config; it has: ${known.join(', ')}`,
        {
          code: 'invalid-option',
        },
      )
}

function textOf({ id, camera, event, yes, image }: Answer): string {
  const without = image === null ? '; the history has no image of it, so it counts for the odds alone' : ''
  return `${id}: ${event} on ${camera} was ${yes ? 'right' : 'wrong'}${without}`
}
