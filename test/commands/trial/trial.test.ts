import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { openAnswers } from '../../../src/answers/openAnswers.ts'
import { register } from '../../../src/commands/trial.ts'
import { loadConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import type { EncodedFrame } from '../../../src/types.ts'
import { createRandom, type Random } from '../../../src/util/random.ts'
import { normalize } from '../../../src/util/vector.ts'
import { fakePast } from '../../support/fakePast.ts'
import { moment } from '../../support/memoryHistory.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 23)
const DAYS = 2
const NOW = START + DAYS * DAY
/** Frames are nearer than the gap after which state starts again. */
const STEP = 29_000

const CONFIG = `# my house
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

async function setUp({ scores = SCORES, config = CONFIG, folder = temporaryFolder(), pictures = false }: Given = {}) {
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
async function answerAll({ trial, folder }: Awaited<ReturnType<typeof setUp>>, args: readonly string[]) {
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

describe('a budget', () => {
  test('decides the threshold, with the expected alarms and their interval', async () => {
    const { trial } = await setUp()
    const { json, failure } = await trial(['a van at the gate', '--budget', '4/day', '--json'])
    expect(failure).toBeNull()
    const found = json()
    expect(found).toMatchObject({ event: 'a_van_at_the_gate', budget_per_day: 4, over_budget_per_day: null })
    expect(found.history_days).toBeCloseTo(2, 1)
    expect(found.threshold).toBeGreaterThan(0.65)
    expect(found.threshold).toBeLessThan(0.97)
    expect(found.alarms).toBe(6)
    const [low, high] = found.interval_per_day
    expect(low).toBeLessThan(3)
    expect(high).toBeGreaterThan(3)
    expect(found.notes.join()).toContain('how many are right is unknown')
  })

  test('that cannot be met is said, and by how much', async () => {
    const { trial } = await setUp({ scores: [0.9995] })
    const { out } = await trial(['a van at the gate', '--budget', '1/day'])
    expect(out).toMatch(
      /budget +1 a day cannot be kept: even at 0\.99\d it would ring 1[12] a day, 1[01] a day too often/,
    )
  })

  test('without any moment that comes near', async () => {
    const { trial, text } = await setUp({ scores: [0.06] })
    expect((await trial(['a van at the gate'])).out).toContain('Nothing in that time came near the event')
    await trial(['a van at the gate', '--save', 'van'])
    expect(text()).toContain('van:')
  })

  test.each(['1', '3/week', '0.5/day', '2 an hour', '1 per month'])('of %s is understood', async budget => {
    const { trial } = await setUp()
    expect((await trial(['a van at the gate', '--budget', budget])).failure).toBeNull()
  })

  test.each(['0', '-1', 'often', '1/year', '', '1e9/day'])('of `%s` is a mistake', async budget => {
    const { trial } = await setUp()
    expect((await trial(['a van at the gate', '--budget', budget])).failure?.message).toMatch(/such as 1\/day/)
  })
})

describe('questions', () => {
  test('are asked one by one, at most as many as wanted, each with its picture; the pictures are removed', async () => {
    const { trial } = await setUp({ pictures: true })
    const { asked, out } = await trial(
      ['a van at the gate', '--budget', '6/day', '--questions', '3'],
      'y\nmaybe\nn\ns\n',
    )
    expect(asked.match(/of at most 3/g)).toHaveLength(3)
    // One answer was not understood.
    expect(asked.match(/Does it show “a van at the gate”\?/g)).toHaveLength(4)
    const [, file] = /^ {2}(.+\.jpg)$/m.exec(asked) ?? []
    expect(file).toMatch(/question-1.whole\.jpg$/)
    expect(existsSync(file as string)).toBe(false)
    expect(out).toMatch(/caught +\d of 1 that you answered with yes/)
  })

  test('end when the input ends, or with q', async () => {
    const { trial } = await setUp()
    expect((await trial(['a van at the gate'], '')).failure).toBeNull()
    expect((await trial(['a van at the gate'], 'q\n')).asked.match(/of at most/g)).toHaveLength(1)
  })

  test('leave their pictures in --output-dir', async () => {
    const { trial, folder } = await setUp({ pictures: true })
    await trial(['a van at the gate', '--output-dir', join(folder, 'out')], 'y\nq\n')
    expect(readdirSync(join(folder, 'out'))).toEqual(['question-1', 'question-2'])
  })

  test('a script answers them: the true ones are caught, the wrong ones do not ring', async () => {
    const place = await setUp()
    const { file, count } = await answerAll(place, ['a van at the gate', '--budget', '100/day'])
    expect(count).toBeLessThanOrEqual(10)
    const { json } = await place.trial(['a van at the gate', '--budget', '100/day', '--answers', file, '--json'])
    const found = json()
    expect(found.answered.yes_caught).toBe(found.answered.yes)
    expect(found.answered.no_rings).toBe(0)
    // The budget would allow all of them.
    expect(found.alarms).toBe(6)
    expect(found.precision).toBeGreaterThan(0.8)
  })

  test('are of different moments', async () => {
    const { trial } = await setUp()
    const { questions } = (await trial(['a van at the gate', '--print-questions'])).json()
    const times = questions.map(({ time }: { time: number }) => time).sort((a: number, b: number) => a - b)
    expect(questions.length).toBeGreaterThan(1)
    for (const [i, time] of times.slice(1).entries()) expect(time - times[i]).toBeGreaterThan(120)
  })
})

describe('answers in a file', () => {
  test('that is CSV, with a header and moments without an answer', async () => {
    const { trial, folder } = await setUp()
    const { questions } = (await trial(['a van at the gate', '--print-questions'])).json()
    const file = join(folder, 'answers.csv')
    const [first, second] = questions
    writeFileSync(file, `moment,answer\r\n${first.moment},yes\r\n${second.moment},\r\n`)
    const { json } = await trial(['a van at the gate', '--answers', file, '--json'])
    expect(json().answered).toMatchObject({ yes: 1, no: 0 })
  })

  test.each([
    ['[{"moment": "gate", "answer": "yes"}]', /expected a moment such as .* in item 1, got "gate"/],
    ['gate@2026-11-23T02:00:00.000Z,perhaps', /expected yes or no in line 1, got "perhaps"/],
    ['{"gate@', /no valid JSON/],
    ['{"gate@2026-11-23T02:00:00.000Z": 7}', /expected yes or no/],
  ])('%s is a mistake', async (content, message) => {
    const { trial, folder } = await setUp()
    writeFileSync(join(folder, 'a.txt'), content)
    expect((await trial(['a van at the gate', '--answers', join(folder, 'a.txt')])).failure?.message).toMatch(message)
  })

  test('about moments that are not there are counted', async () => {
    const { trial, folder } = await setUp()
    writeFileSync(join(folder, 'a.csv'), 'yard@2026-11-23T02:00:00.000Z,yes\ngate@2001-01-01T00:00:00Z,no\n')
    const { out } = await trial(['a van at the gate', '--answers', join(folder, 'a.csv')])
    expect(out).toContain('2 of the answers are about moments')
  })

  test('that does not exist', async () => {
    const { trial } = await setUp()
    expect((await trial(['a van', '--answers', '/nowhere.json'])).failure).toMatchObject({ code: 'file-unreadable' })
  })
})

describe('--save', () => {
  test('writes the new event, and keeps the answers under its name', async () => {
    const place = await setUp()
    const { file } = await answerAll(place, ['a van at the gate', '--budget', '4/day'])
    const args = ['a van at the gate', '--against', 'a car', '--budget', '4/day', '--answers', file]
    const { out, failure } = await place.trial([...args, '--save', 'van'])
    expect(failure).toBeNull()
    expect(out).toContain(`Saved as van in ${place.path}`)
    expect(place.text().startsWith(CONFIG)).toBe(true)
    const { config } = loadConfig(place.path, { library: readLibrary(), env: {} })
    expect(config.events.van).toMatchObject({ prompts: ['a van at the gate'], negative_prompts: ['a car'] })
    expect(config.events.van?.threshold).toBeGreaterThan(0.65)
    const { answers } = await place.answers.read()
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.every(({ event, image }) => event === 'van' && image?.world === 'whole')).toBe(true)
    // The same again, now as an event of the config: its answers are known.
    const again = (await place.trial(['van', '--budget', '4/day', '--json', '--questions', '1'])).json()
    expect(again.answered.yes + again.answered.no).toBe(answers.length)
    expect((await place.answers.read()).answers).toHaveLength(answers.length)
  })

  test('without a name takes the phrase’s', async () => {
    const { trial, text } = await setUp()
    await trial(['a van at the gate', '--save'])
    expect(text()).toContain('  a_van_at_the_gate:')
  })

  test('of an event of the config changes its threshold alone', async () => {
    const { trial, text } = await setUp()
    const { out } = await trial(['known', '--budget', '4/day', '--save'])
    expect(out).toMatch(/threshold +0\.\d+, now 0\.5/)
    expect(text()).toMatch(/^ {2}known: \{ prompts: \[known\], threshold: 0\.[6-9]\d* \}$/m)
    expect(text().split('\n').slice(0, 4)).toEqual(CONFIG.split('\n').slice(0, 4))
  })

  test.each([
    [['known', '--against', 'a car', '--save'], /leave out --against/],
    [['known', '--save', 'other'], /takes no other name/],
    [['a van', '--save', 'a van!'], /Cannot save an event as `a van!`/],
    [['nowhere near', '--camera', 'yard', '--save'], /no history of a camera `yard`/],
  ])('%s is a mistake', async (args, message) => {
    const { trial, text } = await setUp()
    expect((await trial(args)).failure?.message).toMatch(message)
    expect(text()).toBe(CONFIG)
  })

  test('when somebody else changed the file meanwhile, nothing is lost: the lines are shown', async () => {
    const { trial, path, text } = await setUp()
    const changed = `${CONFIG}  cat: { prompts: [a cat] }\n`
    const running = trial(['a van at the gate', '--save', 'van'])
    writeFileSync(path, changed)
    const { out, failure } = await running
    expect(failure?.message).toMatch(/it was changed meanwhile/)
    expect(out).toMatch(/Not saved\. The config needs:\nevents:\n {2}van:\n/)
    expect(text()).toBe(changed)
  })
})
