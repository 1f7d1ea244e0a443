/** `watchword answers`: lists people's answers and takes them back. */

import type { Command } from 'commander'
import type { Answer } from '../answers/answer.ts'
import { openAnswers, type StoredAnswers } from '../answers/openAnswers.ts'
import { loadConfig } from '../config/loadConfig.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { didYouMeanHint } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { pluralize } from '../util/pluralize.ts'
import { answerJson } from './answer/answerJson.ts'
import { CONFIG_ARGUMENT, configPath } from './configPath.ts'
import { localTime } from './past/localTime.ts'
import { table } from './report/table.ts'

/** The parts of the process that the command uses. */
export interface AnswersDeps {
  readonly stdout: { write(text: string): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
}

interface Options {
  readonly config?: string
  readonly dataDir?: string
  readonly json?: true
}

export function register(program: Command, deps: Partial<AnswersDeps> = {}): void {
  const all: AnswersDeps = { stdout: process.stdout, env: process.env, now: Date.now, ...deps }
  const answers = program.command('answers').description('list answers to events, and take them back')
  const add = (usage: string, description: string, help: string) =>
    answers
      .command(usage, { isDefault: usage === 'list' })
      .description(description)
      .option('--config <file>', CONFIG_ARGUMENT)
      .option('--data-dir <dir>', '`data_dir` of the config (default: that of the config, as for `run`)')
      .option('--json', 'print JSON')
      .addHelpText('after', help)
  add('list', 'list the answers, and how often each event was right', '\nExample:\n  $ watchword answers list').action(
    (options: Options) => list(options, all),
  )
  add(
    'remove <ids...>',
    'take answers back',
    '\nScores are then exactly what they were before. A running Watchword follows within seconds.\n\nExample:\n  $ watchword answers remove 20261130T192349560-gate-van-1a',
  ).action((ids: string[], options: Options) => remove(ids, options, all))
}

async function list(options: Options, deps: AnswersDeps): Promise<void> {
  const stored = await openAnswers(dataDirOf(options, deps)).read()
  const counts = countsOf(stored.answers)
  const json = {
    answers: stored.answers.map(answerJson),
    events: counts,
    damaged: stored.damaged,
    unknown: stored.unknown,
  }
  deps.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : `${listText(stored, counts)}\n`)
}

async function remove(ids: readonly string[], options: Options, deps: AnswersDeps): Promise<void> {
  const answers = openAnswers(dataDirOf(options, deps))
  const known = (await answers.read()).answers.map(({ id }) => id)
  // Nothing is taken back where one of the ids is mistyped.
  for (const id of ids)
    if (!known.includes(id))
      throw new WatchwordError(`There is no answer about ${id.slice(0, 80)} in ${answers.path}`, {
        code: 'event-id-unknown',
        hint: didYouMeanHint(id, known.slice(-3).reverse(), 'answers'),
      })
  for (const id of ids) await answers.remove(id, deps.now())
  deps.stdout.write(
    options.json ? `${JSON.stringify({ removed: ids }, null, 2)}\n` : `Took back ${pluralize(ids.length, 'answer')}\n`,
  )
}

interface Counts {
  readonly camera: string
  readonly event: string
  readonly right: number
  readonly answered: number
}

/** How often each event was right. Answers about moments do not count: they were chosen by hand. */
function countsOf(answers: readonly Answer[]): Counts[] {
  const counts = new Map<string, Counts>()
  for (const { camera, event, yes, isEvent } of answers) {
    if (!isEvent) continue
    const key = `${camera}/${event}`
    const { right = 0, answered = 0 } = counts.get(key) ?? {}
    counts.set(key, { camera, event, right: right + (yes ? 1 : 0), answered: answered + 1 })
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

function listText({ answers, damaged, unknown }: StoredAnswers, counts: readonly Counts[]): string {
  const bad = damaged + unknown
  const lines = bad === 0 ? [] : [`${pluralize(bad, 'line')} of the file cannot be read and count for nothing`]
  if (answers.length === 0)
    return ['There are no answers yet: `watchword answer EVENT_ID yes` gives one', ...lines].join('\n')
  const left = 'left' as const
  const rows = table(
    [
      { title: 'id', align: left, cell: row => row.id },
      { title: 'camera', align: left, cell: row => row.camera },
      { title: 'event', align: left, cell: row => row.event },
      { title: 'answer', align: left, cell: row => (row.yes ? 'yes' : 'no') },
      { title: 'score', cell: row => row.score?.toFixed(2) ?? '–' },
      { title: 'image', align: left, cell: row => row.image?.world ?? 'none' },
      { title: 'answered', align: left, cell: row => localTime(row.answeredAt) },
    ],
    answers,
  )
  const right = counts.map(
    one =>
      `${one.camera}: ${one.event} was right ${one.right} of ${one.answered} ${one.answered === 1 ? 'time' : 'times'}`,
  )
  return [rows, '', ...right, ...lines].join('\n').trimEnd()
}

/** The config is read only where no directory is named. */
function dataDirOf({ config, dataDir }: Options, { env }: AnswersDeps): string {
  if (dataDir !== undefined) return dataDirectory(dataDir)
  return dataDirectory(loadConfig(configPath(config), { library: readLibrary(), env }).config.data_dir)
}
