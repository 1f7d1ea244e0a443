/** Two days of a camera with visits, and `trial` run on them. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { openAnswers } from '../../src/answers/openAnswers.ts'
import { register } from '../../src/commands/trial.ts'
import { loadConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import type { EncodedFrame } from '../../src/types.ts'
import { createRandom, type Random } from '../../src/util/random.ts'
import { normalize } from '../../src/util/vector.ts'
import { fakePast } from './fakePast.ts'
import { moment } from './memoryHistory.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 23)
const DAYS = 2
const NOW = START + DAYS * DAY
/** Frames are nearer than the gap after which state starts again. */
const STEP = 29_000

export const CONFIG = `# my house
cameras:
  gate: { url: "demo:street" }   # in front
events:
  known: { prompts: [known], threshold: 0.5 }
`

const DIM = 8

/** Two days, a frame every 29 s; visits of the given scores at every second hour, ten seconds each. */
function days(scores: readonly number[], camera = 'gate'): EncodedFrame[] {
  const frames: EncodedFrame[] = []
  const random = createRandom(camera)
  const starts = Array.from({ length: DAYS * 12 - 1 }, (_, i) => START + (i + 1) * 2 * HOUR)
  const quiet = looking(0.05, random)
  for (let at = START; at < START + DAYS * DAY; at += STEP) {
    frames.push(moment(camera, at, quiet))
    const visit = starts.findIndex(start => start >= at && start < at + STEP)
    if (visit < 0) continue
    const seen = looking(scores[visit % scores.length] as number, random)
    for (let s = 1; s <= 10; s++) frames.push(moment(camera, at + s * 1000, seen))
  }
  return frames
}

/** An image of nearly this score, of its own look: `score = sigmoid(10 (x − y))`. */
function looking(score: number, random: Random): Float32Array {
  const length = 0.8
  const difference = (Math.log(score / (1 - score)) + random.normal(0, 0.05)) / 10
  const x = (difference + Math.sqrt(2 * length ** 2 - difference ** 2)) / 2
  const rest = normalize(Float32Array.from({ length: DIM - 2 }, () => random.normal(0, 1)))
  return Float32Array.of(x, x - difference, ...rest.map(value => value * Math.sqrt(1 - length ** 2)))
}

function axis(index: number): Float32Array {
  return Float32Array.from({ length: DIM }, (_, i) => Number(i === index))
}

const known = new Map<readonly number[], EncodedFrame[]>()

/** Every fourth visit is true: 6 in two days. */
const SCORES = [0.97, 0.6, 0.62, 0.64]
const THUMBNAIL = Uint8Array.of(0xff, 0xd8, 0xff)

interface Given {
  readonly input?: string
  readonly scores?: readonly number[]
  readonly config?: string
  readonly folder?: string
  readonly pictures?: boolean
}

export async function setUpTrial({
  scores = SCORES,
  config = CONFIG,
  folder = temporaryFolder(),
  pictures = false,
}: Given = {}) {
  const path = join(folder, 'home.yaml')
  if (!existsSync(path)) writeFileSync(path, config)
  const signals = known.get(scores) ?? days(scores)
  known.set(scores, signals)
  const thumbnails = new Map(
    pictures ? signals.map(({ frame }) => [`gate/${frame.capturedAt}/whole`, THUMBNAIL] as const) : [],
  )
  const open = async () => {
    const fake = await fakePast(signals, { cameras: { gate: {} }, thumbnails })
    const loaded = loadConfig(path, { library: readLibrary(), env: {} })
    const texts: typeof fake.texts = async events => {
      const { events: known, ...rest } = await fake.texts(events)
      return { ...rest, events: known.map(one => ({ ...one, positive: axis(0), contrast: [axis(1)] })) }
    }
    return { ...fake, texts, config: loaded.config, path, dataDir: join(folder, 'data') }
  }
  const trial = async (args: readonly string[], input = '') => {
    let [out, asked] = ['', '']
    const program = new Command('watchword').exitOverride().configureOutput({ writeErr: () => {} })
    const stdin = new PassThrough()
    stdin.end(input)
    register(program, {
      stdout: { write: text => (out += text) },
      person: { input: stdin, output: { write: text => (asked += text) } },
      openPast: open,
      now: () => NOW,
      env: {},
    })
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} })
    const failure = await program.parseAsync(['trial', ...args, '--config', path], { from: 'user' }).then(
      () => null,
      (error: Error) => error,
    )
    return { out, asked, failure, json: () => JSON.parse(out) }
  }
  return { folder, path, trial, text: () => readFileSync(path, 'utf8'), answers: openAnswers(join(folder, 'data')) }
}

/** Answers as a person does who sees that only scores above 0.9 are vans. */
function answered(questions: { moment: string; score: number }[]) {
  return questions.map(each => ({ ...each, answer: each.score > 0.9 ? 'yes' : 'no' }))
}

/** A script's loop: questions, answers, until nothing is left to ask. */
export async function answerAll({ trial, folder }: Awaited<ReturnType<typeof setUpTrial>>, args: readonly string[]) {
  const file = join(folder, 'answers.json')
  const all: unknown[] = []
  for (let round = 0; round < 10; round++) {
    writeFileSync(file, JSON.stringify(all))
    const { questions } = (await trial([...args, '--answers', file, '--print-questions', '--questions', '1'])).json()
    if (questions.length === 0) break
    all.push(...answered(questions))
  }
  writeFileSync(file, JSON.stringify(all))
  return { file, count: all.length }
}
