import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import { answerAll, CONFIG, setUpTrial } from '../../support/trialOfDays.ts'

describe('a budget', () => {
  test('decides the threshold, with the expected alarms and their interval', async () => {
    const { trial } = await setUpTrial()
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
    const { trial } = await setUpTrial({ scores: [0.9995] })
    const { out } = await trial(['a van at the gate', '--budget', '1/day'])
    expect(out).toMatch(
      /budget +1 a day cannot be kept: even at 0\.99\d it would have rung 1[12] a day in that time, 1[01] a day too often/,
    )
  })

  test('without any moment that comes near', async () => {
    const { trial, text } = await setUpTrial({ scores: [0.06] })
    expect((await trial(['a van at the gate'])).out).toContain('Nothing in that time came near the event')
    await trial(['a van at the gate', '--save', 'van'])
    expect(text()).toContain('van:')
  })

  test.each(['1', '3/week', '0.5/day', '2 an hour', '1 per month'])('of %s is understood', async budget => {
    const { trial } = await setUpTrial()
    expect((await trial(['a van at the gate', '--budget', budget])).failure).toBeNull()
  })

  test.each(['0', '-1', 'often', '1/year', '', '1e9/day'])('of `%s` is a mistake', async budget => {
    const { trial } = await setUpTrial()
    expect((await trial(['a van at the gate', '--budget', budget])).failure?.message).toMatch(/such as 1\/day/)
  })
})

describe('questions', () => {
  test('are asked one by one, at most as many as wanted, each with its picture; the pictures are removed', async () => {
    const { trial } = await setUpTrial({ pictures: true })
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
    const { trial } = await setUpTrial()
    expect((await trial(['a van at the gate'], '')).failure).toBeNull()
    expect((await trial(['a van at the gate'], 'q\n')).asked.match(/of at most/g)).toHaveLength(1)
  })

  test('leave their pictures in --output-dir', async () => {
    const { trial, folder } = await setUpTrial({ pictures: true })
    await trial(['a van at the gate', '--output-dir', join(folder, 'out')], 'y\nq\n')
    expect(readdirSync(join(folder, 'out'))).toEqual(['question-1', 'question-2'])
  })

  test('a script answers them: the true ones are caught, the wrong ones do not ring', async () => {
    const place = await setUpTrial()
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
    const { trial } = await setUpTrial()
    const { questions } = (await trial(['a van at the gate', '--print-questions'])).json()
    const times = questions.map(({ time }: { time: number }) => time).sort((a: number, b: number) => a - b)
    expect(questions.length).toBeGreaterThan(1)
    for (const [i, time] of times.slice(1).entries()) expect(time - times[i]).toBeGreaterThan(120)
  })
})

describe('answers in a file', () => {
  test('that is CSV, with a header and moments without an answer', async () => {
    const { trial, folder } = await setUpTrial()
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
    const { trial, folder } = await setUpTrial()
    writeFileSync(join(folder, 'a.txt'), content)
    expect((await trial(['a van at the gate', '--answers', join(folder, 'a.txt')])).failure?.message).toMatch(message)
  })

  test('about moments that are not there are counted', async () => {
    const { trial, folder } = await setUpTrial()
    writeFileSync(join(folder, 'a.csv'), 'yard@2026-11-23T02:00:00.000Z,yes\ngate@2001-01-01T00:00:00Z,no\n')
    const { out } = await trial(['a van at the gate', '--answers', join(folder, 'a.csv')])
    expect(out).toContain('2 of the answers are about moments')
  })

  test('that does not exist', async () => {
    const { trial } = await setUpTrial()
    expect((await trial(['a van', '--answers', '/nowhere.json'])).failure).toMatchObject({ code: 'file-unreadable' })
  })
})

describe('--save', () => {
  test('writes the new event, and keeps the answers under its name', async () => {
    const place = await setUpTrial()
    const { file } = await answerAll(place, ['a van at the gate', '--budget', '4/day'])
    const args = ['a van at the gate', '--against', 'a car', '--budget', '4/day', '--answers', file]
    const { out, failure } = await place.trial([...args, '--save', 'van'])
    expect(failure).toBeNull()
    expect(out).toMatch(/Saved as van with threshold 0\.\d+ in /)
    expect(out).toContain(place.path)
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
    const { trial, text } = await setUpTrial()
    await trial(['a van at the gate', '--save'])
    expect(text()).toContain('  a_van_at_the_gate:')
  })

  test('of an event of the config changes its threshold alone', async () => {
    const { trial, text } = await setUpTrial()
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
    const { trial, text } = await setUpTrial()
    expect((await trial(args)).failure?.message).toMatch(message)
    expect(text()).toBe(CONFIG)
  })

  test('when somebody else changed the file meanwhile, nothing is lost: the lines are shown', async () => {
    const { trial, path, text } = await setUpTrial()
    const changed = `${CONFIG}  cat: { prompts: [a cat] }\n`
    const running = trial(['a van at the gate', '--save', 'van'])
    writeFileSync(path, changed)
    const { out, failure } = await running
    expect(failure?.message).toMatch(/it was changed meanwhile/)
    expect(out).toMatch(/Not saved\. The config needs:\nevents:\n {2}van:\n/)
    expect(text()).toBe(changed)
  })
})
