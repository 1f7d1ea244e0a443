import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { openAnswers } from '../../src/answers/openAnswers.ts'
import type { AnswerPlace } from '../../src/commands/answer/openAnswerPlace.ts'
import { register } from '../../src/commands/answer.ts'
import { register as registerAnswers } from '../../src/commands/answers.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { changePayload } from '../../src/sinks/eventPayload.ts'
import { float16ToFloat32 } from '../../src/util/float16.ts'
import { ANSWER_MODEL } from '../support/answers.ts'
import { change } from '../support/change.ts'
import { axis, DIM } from '../support/embeddings.ts'
import { memoryHistory, moment } from '../support/memoryHistory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const AT = 1_767_225_600_000
const ID = '1767225600.000-front-person_walking'
const { events } = parseConfig(
  JSON.stringify({ cameras: { front: { url: 'demo:street' } }, events: { person_walking: { use: 'person_walking' } } }),
  'x.yaml',
  { library: readLibrary(), env: {} },
).config

function line(id: string, { view = 'crop' as const, topTime = AT } = {}): string {
  const box = { x: 0.5, y: 0.5, width: 0.2, height: 0.2 }
  const record = change('end', id, 2, { camera: 'front', event: 'person_walking', topTime, topScore: 0.8 })
  const after = { ...record.after, where: { box, zones: [], view } }
  return `${JSON.stringify(changePayload({ ...record, after, hasSnapshot: false }, { recordedAt: AT, sentAt: null, replayed: false }))}\n`
}

function crop(place: number, x: number) {
  const box = { x, y: 0.5, width: 0.2, height: 0.2 }
  const view = { id: `crop-${place}`, kind: 'crop' as const, box, subject: box, zones: {}, motion: 0, settled: 0 }
  return { view: { ...view, still: false, pixels: new Uint8Array(0) }, embedding: axis(place), reused: false }
}

/** The event's crop is on axis 5; the whole image then on axis 1. */
const HISTORY = [
  moment('front', AT - 1000, axis(0)),
  moment('front', AT + 3, axis(1), { light: 'night', views: [crop(4, 0), crop(5, 0.45)] }),
  moment('front', AT + 1000, axis(2)),
]

function setUp(place: Partial<AnswerPlace> = {}) {
  const dataDir = temporaryFolder()
  const journalPath = join(dataDir, 'events.jsonl')
  writeFileSync(journalPath, `{"torn":\n${line('1.0-front-person_walking')}${line(ID)}`)
  const model = { ...ANSWER_MODEL, dim: DIM }
  const history = memoryHistory(HISTORY)
  const opened: AnswerPlace = {
    dataDir,
    journalPath,
    cameras: ['front'],
    events,
    reader: history,
    model,
    close: history.close,
    ...place,
  }
  const run = async (...args: string[]) => {
    let out = ''
    const stdout = { write: (text: string) => (out += text) }
    const program = new Command('watchword').exitOverride().configureOutput({ writeErr: () => {} })
    register(program, { stdout, open: async () => opened, now: () => AT + 60_000 })
    registerAnswers(program, { stdout, env: {}, now: () => AT + 90_000 })
    await program.parseAsync(args, { from: 'user' })
    return out
  }
  const stored = async () => (await openAnswers(dataDir).read()).answers
  const answers = (...args: string[]) => run('answers', ...args, '--data-dir', dataDir)
  return { dataDir, journalPath, history, run, stored, answers }
}

describe('answer', () => {
  test('stores what the view that decided showed at the peak', async () => {
    const { run, stored, history } = setUp()
    expect(await run('answer', ID, 'no')).toBe(`${ID}: person_walking on front was wrong\n`)
    const [answer] = await stored()
    expect(answer).toMatchObject({
      id: ID,
      camera: 'front',
      event: 'person_walking',
      yes: false,
      isEvent: true,
      answeredAt: AT + 60_000,
      at: AT,
      score: 0.8,
      image: { ...ANSWER_MODEL, world: 'crop', light: 'night' },
    })
    expect(answer?.phrases).toMatch(/^[0-9a-f]{12}$/)
    expect(float16ToFloat32(answer?.image?.vector as Uint16Array)).toEqual(axis(5))
    expect(history.isClosed()).toBe(true)
  })

  test('several events at once, as JSON; a second answer replaces the first', async () => {
    const { run, stored } = setUp()
    await run('answer', ID, 'no')
    const json = JSON.parse(await run('answer', '1.0-front-person_walking', ID, 'yes', '--json'))
    expect(json).toMatchObject([
      { id: '1.0-front-person_walking', right: true, at: AT / 1000 },
      { id: ID, right: true, image: { world: 'crop' } },
    ])
    expect(json[1].image.vector).toBeUndefined()
    expect((await stored()).map(({ yes }) => yes)).toEqual([true, true])
  })

  test('a moment is answered by the whole image', async () => {
    const { run, stored } = setUp()
    const at = new Date(AT).toISOString().replace(/\.000Z$/, 'Z')
    await run('answer', '--at', at, '--camera', 'front', '--event', 'person_walking', 'yes')
    const [answer] = await stored()
    expect(answer).toMatchObject({ id: `front/person_walking/${AT}`, isEvent: false, score: null, yes: true })
    expect(float16ToFloat32(answer?.image?.vector as Uint16Array)).toEqual(axis(1))
  })

  test('without history, and for a time of which nothing is stored, the answer is kept without an image', async () => {
    for (const reader of [null, memoryHistory([moment('front', AT - 60_000, axis(1))])]) {
      const { run, stored } = setUp({ reader })
      expect(await run('answer', ID, 'yes')).toBe(
        `${ID}: person_walking on front was right; the history has no image of it, so it counts for the odds alone\n`,
      )
      expect((await stored())[0]).toMatchObject({ yes: true, image: null })
    }
  })

  test('an older journal is searched as well', async () => {
    const { run, journalPath, stored } = setUp()
    appendFileSync(`${journalPath}.2`, line('0.5-front-person_walking'))
    await run('answer', '0.5-front-person_walking', 'yes')
    expect(await stored()).toHaveLength(1)
  })

  test('an unknown id is one line with the nearest ids; what was stored before it stays', async () => {
    const { run, stored, journalPath } = setUp()
    await expect(run('answer', ID, `${ID}x`, 'yes')).rejects.toMatchObject({
      code: 'event-id-unknown',
      message: `There is no event ${ID}x in ${journalPath}`,
      hint: `Did you mean ${ID}?`,
    })
    expect(await stored()).toHaveLength(1)
    await expect(run('answer', 'whatever', 'yes')).rejects.toMatchObject({
      hint: `The newest events are ${ID}, 1.0-front-person_walking`,
    })
    const empty = setUp({ journalPath: join(temporaryFolder(), 'none.jsonl') })
    await expect(empty.run('answer', ID, 'yes')).rejects.toMatchObject({
      hint: expect.stringMatching(/^The journal has no events yet/),
    })
  })

  test.each([
    [[ID], 'Expected yes or no as the last word'],
    [[ID, 'maybe'], 'Expected yes or no as the last word, got "maybe"'],
    [['yes'], 'Expected the id of an event before yes or no'],
    [['--at', '24h', 'yes'], 'Expected ids of events, or --at, --camera and --event together'],
    [['--camera', 'front', ID, 'yes'], 'Expected ids of events, or --at, --camera and --event together'],
    [['--at', '24h', '--camera', 'x', '--event', 'person_walking', 'yes'], 'There is no camera "x" in the config'],
    [['--at', '24h', '--camera', 'front', '--event', 'x', 'yes'], 'There is no event "x" in the config'],
  ])('%j is refused', async (args, message) => {
    const { run, stored } = setUp()
    await expect(run('answer', ...args)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(message),
    })
    expect(await stored()).toEqual([])
  })
})

describe('answers', () => {
  test('lists them, and how often an event was right', async () => {
    const { run, answers, dataDir } = setUp()
    expect(await answers()).toMatch(/^There are no answers yet/)
    await run('answer', ID, 'yes')
    await run('answer', '1.0-front-person_walking', 'no')
    appendFileSync(join(dataDir, 'answers.jsonl'), 'damaged\n')
    const text = await answers('list')
    expect(text).toMatch(new RegExp(`${ID} +front +person_walking +yes +0.80 +crop`))
    expect(text).toContain('front: person_walking was right 1 of 2 times')
    expect(text).toContain('1 line of the file cannot be read and count')
    expect(JSON.parse(await answers('list', '--json'))).toMatchObject({
      answers: [{ id: ID }, { right: false }],
      events: [{ camera: 'front', event: 'person_walking', right: 1, answered: 2 }],
      damaged: 1,
    })
  })

  test('takes back all that are named, or none', async () => {
    const { run, answers, stored } = setUp()
    await run('answer', ID, '1.0-front-person_walking', 'yes')
    await expect(answers('remove', ID, 'unknown')).rejects.toMatchObject({ code: 'event-id-unknown' })
    expect(await stored()).toHaveLength(2)
    expect(await answers('remove', ID)).toBe('Took back 1 answer\n')
    expect((await stored()).map(({ id }) => id)).toEqual(['1.0-front-person_walking'])
  })
})
