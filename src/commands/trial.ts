/** `watchword trial`: asks about the past, and chooses the threshold for a number of alarms that one can bear. */

import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type Answers, openAnswers } from '../answers/openAnswers.ts'
import { readText } from '../config/readText.ts'
import { interview } from '../trial/interview.ts'
import { type GivenVerdict, matchVerdicts } from '../trial/matchVerdicts.ts'
import type { Candidate, Verdicts } from '../trial/trialTypes.ts'
import { count } from './arguments.ts'
import { configPath } from './configPath.ts'
import { type AskedEvent, type AskedOptions, askedEvent } from './past/askedEvent.ts'
import type { PastOptions as OpenOptions, Past } from './past/openPast.ts'
import { addPastOptions, type CommonPastOptions, repeated } from './past/pastOptions.ts'
import { timeRange } from './past/pastTime.ts'
import { storedPast } from './past/storedPast.ts'
import { createProgress } from './progress.ts'
import { askPerson, type PersonDeps, type PersonOptions, writePictures } from './trial/askPerson.ts'
import { budgetOption } from './trial/budgetOption.ts'
import { finishTrial } from './trial/finishTrial.ts'
import { type Climbed, prepareTrial } from './trial/prepareTrial.ts'
import { readAnswersFile } from './trial/readAnswersFile.ts'
import { savedName } from './trial/savedEvent.ts'
import { questionsJson, trialJson } from './trial/trialJson.ts'
import { trialText } from './trial/trialText.ts'
import { makeWritable } from './writeFiles.ts'

interface Options extends CommonPastOptions, Pick<AskedOptions, 'against' | 'rule'> {
  readonly zone?: string
  /** Alarms a day. */
  readonly budget: number
  readonly questions: number
  readonly answers?: string
  readonly printQuestions?: true
  /** true: under its own name. */
  readonly save?: string | true
  readonly outputDir?: string
}

export interface TrialDeps {
  readonly stdout: { write(text: string): unknown }
  /** Questions are asked here, so that stdout has the result alone. */
  readonly person: PersonDeps
  readonly openPast: (options: OpenOptions) => Promise<Past>
  /** ms since the epoch. */
  readonly now: () => number
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Rules that a phrase alone suffices for. */
const RULES = ['present', 'moves', 'stops', 'loiters', 'leaves']
const MOST_QUESTIONS = 10

const EXAMPLES = `
Looks at the stored past, asks about a few moments that it cannot tell by itself, and chooses the threshold that keeps
the budget: how often it may ring. Works while Watchword runs. --save writes the event into the config, and a running
Watchword takes it over.

Examples:
  $ watchword trial 'a van at the gate'
  $ watchword trial 'a van at the gate' --against 'a car at the gate' --rule stops --camera drive --budget 3/week
  $ watchword trial 'a van at the gate' --save van
  $ watchword trial delivery_van --budget 2/day --save
  $ watchword trial 'a dog on the lawn' --print-questions > questions.json
  $ watchword trial 'a dog on the lawn' --answers questions.json --json`

export function register(program: Command, deps: Partial<TrialDeps> = {}): void {
  const person = { input: process.stdin, output: process.stderr }
  const all: TrialDeps = {
    stdout: process.stdout,
    person,
    openPast: storedPast,
    now: Date.now,
    env: process.env,
    ...deps,
  }
  const command = program
    .command('trial')
    .description('choose the threshold of an event: ten questions about the past, and a budget of alarms')
    .argument('<what>', 'a phrase, or the name of an event of the config or the prompt library')
    .addOption(repeated('--against <phrase>', 'what it is mistaken for (a negative prompt); may be repeated'))
    .addOption(
      new Option('--rule <rule>', 'how scores become an event (default: that of the event, or present)').choices(RULES),
    )
    .option('--zone <name>', 'count only what is in this zone, on cameras that have it')
  addPastOptions(command, '7d')
    .addOption(budgetOption('most alarms of the event, on all cameras together'))
    .option('--questions <n>', 'ask at most this many', count, MOST_QUESTIONS)
    .option('--answers <file>', 'JSON or CSV of moments and yes or no, instead of questions')
    .option('--print-questions', 'print the questions as JSON, to be answered and passed back with --answers')
    .option('--save [name]', 'write the event, or the new threshold, into the config')
    .option('--output-dir <dir>', 'keep the pictures of the questions in this directory')
    .addHelpText('after', EXAMPLES)
    .action((what: string, options: Options) => run(what, options, all))
}

async function run(what: string, options: Options, deps: TrialDeps): Promise<void> {
  const { camera = null, zone = null, budget, outputDir, json } = options
  const range = timeRange(options, deps.now())
  // Fail before the work starts, not after it.
  if (outputDir !== undefined) await makeWritable(outputDir)
  const file = options.answers === undefined ? null : await readAnswersFile(options.answers)
  // The text on which the past is opened: when another one is there at the end, it is not overwritten.
  const text = options.save === undefined ? null : readText(configPath(options.config))
  const past = await deps.openPast(options)
  const progress = createProgress('looking', 1)
  try {
    const { asked, save } = askedAndSaved(what, options, past, text)
    const trial = await prepareTrial(past, { asked, cameras: camera, zone, range, onProgress: progress.at })
    const climbed = await trial.climb()
    progress.done()
    const answers = openAnswers(past.dataDir)
    const before = await storedVerdicts(answers, asked.name)
    const stored = matchVerdicts(climbed.candidates, before).verdicts
    const { verdicts } = matchVerdicts(climbed.candidates, [...before, ...(file ?? [])])
    const work = { climbed, budget, questions: options.questions, verdicts }
    if (options.printQuestions) {
      const asking = await unanswered(work)
      if (asking.length === 0)
        deps.person.output.write('Nothing to ask: no moment of that time came near the event, or all are answered\n')
      deps.stdout.write(questionsJson(asked.name, asking, await picturesOf(asking, past, outputDir)))
      return
    }
    const person = { reader: past.reader, phrase: phraseOf(what, asked), outputDir: outputDir ?? null }
    const answered =
      file === null ? await askAll(work, { ...person, questions: options.questions }, deps.person) : verdicts
    const unmatched = matchVerdicts(climbed.candidates, file ?? []).unmatched
    const finishing = {
      past,
      trial,
      climbed,
      verdicts: answered,
      stored,
      answers,
      save,
      budget,
      now: deps.now(),
      env: deps.env,
    }
    const { failure, ...found } = await finishTrial(asked, finishing)
    const result = {
      asked,
      zone,
      budget,
      cameras: trial.cameras,
      unmatched,
      notes: [...trial.notes, ...(await past.adviceOn(asked))],
      ...found,
    }
    deps.stdout.write(json ? trialJson(result) : `${trialText(result)}\n`)
    if (failure !== null) throw failure
  } finally {
    progress.done()
    await past.close()
  }
}

/** A new event has the name under which it is saved from the beginning: answers are kept under it. */
function askedAndSaved(what: string, options: Options, past: Past, text: string | null) {
  const { zone = null, against = [], rule, save: name } = options
  const asked = askedEvent(what, { ...options, ...(zone !== null && { zones: [zone] }) }, past.config)
  if (text === null) return { asked, save: null }
  const isReworded = rule !== undefined || against.length > 0
  const save = { asked, name: typeof name === 'string' ? name : null, isReworded, zone }
  return { asked: { ...asked, name: savedName(save) }, save: { ...save, text } }
}

async function storedVerdicts(answers: Answers, event: string): Promise<GivenVerdict[]> {
  const stored = (await answers.read()).answers.filter(answer => answer.event === event)
  return stored.map(({ camera, at, yes }) => ({ camera, at, isTrue: yes }))
}

interface Asking {
  readonly climbed: Climbed
  readonly budget: number
  readonly questions: number
  readonly verdicts: Verdicts
}

/** Paths of each question's pictures; none without a folder for them. */
async function picturesOf(asked: readonly Candidate[], { reader }: Past, outputDir: string | undefined) {
  const paths: (readonly string[])[] = []
  for (const [i, moment] of asked.entries())
    paths.push(outputDir === undefined ? [] : await writePictures(reader, moment, join(outputDir, `question-${i + 1}`)))
  return paths
}

/** The questions as long as none is answered. */
async function unanswered({ climbed, ...rest }: Asking): Promise<readonly Candidate[]> {
  return (await interview({ ...climbed, ...rest, ask: async () => 'skip' })).asked
}

async function askAll({ climbed, ...rest }: Asking, options: PersonOptions, deps: PersonDeps): Promise<Verdicts> {
  const person = await askPerson(options, deps)
  try {
    return (await interview({ ...climbed, ...rest, ask: person.ask })).verdicts
  } finally {
    await person.close()
  }
}

/** The words, as far as they say what a picture should show. */
function phraseOf(what: string, { isConfigured, settings }: AskedEvent): string {
  return isConfigured ? (settings.prompts?.[0] ?? what) : what
}
