import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCanvas } from '@napi-rs/canvas'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import type { Past } from '../../../src/commands/past/openPast.ts'
import { register } from '../../../src/commands/try.ts'
import type { EncodedFrame, Signal } from '../../../src/types.ts'
import { type FakePastOptions, fakePast, looking } from '../../support/fakePast.ts'
import { status } from '../../support/frames.ts'
import { moment, moments, momentView } from '../../support/memoryHistory.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const HOUR = 3_600_000
/** Local noon, so that printed times are known in every time zone. */
const START = new Date(2026, 10, 30, 12).getTime()

/** Ten seconds of each score, at 1 fps. */
function visits(camera: string, scores: readonly number[], from = START): EncodedFrame[] {
  const all = scores.flatMap(score => Array.from({ length: 10 }, () => looking(score)))
  return moments(camera, all, { from })
}

/** Two visits of 0.97 and one of 0.55 within two minutes. */
const GATE = visits('gate', [0.05, 0.97, 0.05, 0.55, 0.05, 0.97, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05])

async function tryOn(
  signals: readonly Signal<EncodedFrame>[],
  args: readonly string[],
  options: Partial<FakePastOptions> = {},
) {
  const past = await fakePast(signals, { cameras: { gate: {} }, ...options })
  return { ...(await tryPast(past, args)), past }
}

async function tryPast(past: Past, args: readonly string[]) {
  let out = ''
  const program = new Command('watchword').exitOverride().configureOutput({ writeErr: () => {} })
  register(program, {
    stdout: { write: text => (out += text) },
    openPast: async () => past,
    now: () => START + HOUR,
  })
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} })
  await program.parseAsync(['try', ...args], { from: 'user' })
  return { out, json: () => JSON.parse(out) }
}

describe('numbers', () => {
  test('events at each threshold, with the time that was watched and the rate a day', async () => {
    const { json } = await tryOn(GATE, ['a van at the gate', '--json'])
    const { thresholds, watched_seconds, cameras, event, prompts } = json()
    expect([event, prompts]).toEqual(['a_van_at_the_gate', ['a van at the gate']])
    expect(watched_seconds).toBe(119)
    expect(cameras).toMatchObject([{ camera: 'gate', frames: 120, watched_seconds: 119, events: 3 }])
    const counts = Object.fromEntries(
      thresholds.map((row: { threshold: number; events: number }) => [row.threshold, row.events]),
    )
    expect(counts).toEqual({ 0.3: 3, 0.4: 3, 0.5: 3, 0.6: 2, 0.7: 2, 0.8: 2, 0.9: 2, 0.95: 2 })
    const half = thresholds.find((row: { threshold: number }) => row.threshold === 0.5)
    expect(half.per_day).toBeCloseTo((3 * 86_400) / 119, 4)
    expect(half.interval[0]).toBeCloseTo((0.8177 * 86_400) / 119, 0)
    expect(half.interval[1]).toBeCloseTo((7.7537 * 86_400) / 119, 0)
  })

  test('the release threshold keeps its distance down to a third of the threshold', async () => {
    const events = { known: { prompts: ['known'], threshold: 0.6, release_threshold: 0.2 } }
    const { json } = await tryOn(GATE, ['known', '--json', '--threshold', '0.55'], { events })
    const rows = json().thresholds.map((row: { threshold: number; release_threshold: number }) => [
      row.threshold,
      row.release_threshold,
    ])
    expect(rows).toContainEqual([0.7, 0.3])
    expect(rows).toContainEqual([0.3, 0.1])
    expect(rows).toContainEqual([0.95, 0.55])
  })

  test('gaps and lost cameras are not watched time', async () => {
    const signals = [
      ...visits('gate', [0.05]),
      status('gate', START + 9500, 'offline'),
      ...visits('gate', [0.05], START + 20_000),
      ...visits('gate', [0.05], START + 600_000),
    ]
    const { json } = await tryOn(signals, ['a van', '--json'])
    expect(json().watched_seconds).toBe(27)
  })

  test('several cameras: the rate is that of all together', async () => {
    const signals = [
      ...GATE,
      ...visits(
        'yard',
        Array.from({ length: 12 }, () => 0.05),
      ),
    ]
    const { json, out } = await tryOn(signals, ['a van', '--json'], { cameras: { gate: {}, yard: {} } })
    const half = json().thresholds.find((row: { threshold: number }) => row.threshold === 0.5)
    expect(half.events).toBe(3)
    expect(half.per_day).toBeCloseTo((3 * 86_400) / 119, 4)
    expect(out).toContain('yard')
  })
})

describe('moments', () => {
  test('the strongest events, and the peaks nearest to the threshold, also of those that are no event', async () => {
    const { json } = await tryOn(GATE, ['a van', '--json', '--threshold', '0.7'])
    const { strongest, nearest } = json()
    expect(strongest.map((one: { top_score: number }) => one.top_score > 0.9)).toEqual([true, true])
    expect(nearest[0]).toMatchObject({ camera: 'gate', is_event: false })
    expect(nearest[0].top_score).toBeCloseTo(0.55, 2)
    expect(nearest.map((one: { is_event: boolean }) => one.is_event)).toEqual([false, true, true])
  })

  test('--top limits both', async () => {
    const { json } = await tryOn(GATE, ['a van', '--json', '--top', '1'])
    expect([json().strongest.length, json().nearest.length]).toEqual([1, 1])
  })
})

describe('text', () => {
  test('shows the chosen threshold, bars, moments and what the time cannot show', async () => {
    const { out } = await tryOn(GATE, ['a van', '--against', 'a car', '--rule', 'present'])
    expect(out).toMatch(
      /^a_van: “a van”, rule present, threshold 0.5\nLooked at 2 minutes of gate, 120 frames, fake fake\n/,
    )
    expect(out).toMatch(/→ +0\.50 +0\.35 +3 +2200 +590–5600 +█{24}/)
    expect(out).toMatch(/Strongest events\n[^\n]*\n[^\n]*\n *1 +2026-11-30 12:0[01]:\d\d +gate +9\d %/)
    expect(out).toContain('2 minutes say little about a day: 3 events in that time fit any rate from 590 to 5600 a day')
  })

  test('without an event it says the highest score, and that nothing is not never', async () => {
    const { out } = await tryOn(visits('gate', [0.05, 0.2, 0.05]), ['a van'])
    expect(out).toMatch(/No event at 0\.5\. The highest score was 20 %, at 2026-11-30 12:00:[12]\d on gate/)
    expect(out).toMatch(/0 events in that time fit any rate from 0 to \d+ a day/)
  })

  test('prints advice about the words', async () => {
    const adviceOn: Past['adviceOn'] = async ({ settings }) => [`${settings.prompts?.[0]} is a bare noun`]
    const { out } = await tryOn(GATE, ['van'], { adviceOn })
    expect(out).toContain('About the words\n  van is a bare noun')
  })
})

describe('choices', () => {
  test('an event of the config by its name: its own settings, on the cameras that watch it', async () => {
    const cameras = { gate: { events: ['known'] }, yard: { events: [] } }
    const events = { known: { prompts: ['known'], threshold: 0.6, min_on: '5s' } }
    const signals = [...GATE, ...visits('yard', [0.97])]
    const { json } = await tryOn(signals, ['known', '--json'], { cameras, events })
    expect(json()).toMatchObject({ event: 'known', threshold: 0.6, cameras: [{ camera: 'gate', events: 2 }] })
    expect(json().notes).toContainEqual('yard was left out: the config does not watch known there')
  })

  test('a named camera watches it all the same', async () => {
    const cameras = { gate: { events: [] } }
    const { json } = await tryOn(GATE, ['known', '--json', '--camera', 'gate'], { cameras })
    expect(json().cameras).toMatchObject([{ camera: 'gate', events: 3 }])
  })

  test('--zone counts what its view shows, and says when the zone is newer than the history', async () => {
    const zones = {
      door: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    }
    const inZone = GATE.map(({ frame, embedding }, i) =>
      moment('gate', frame.capturedAt, looking(0.05), { views: i < 60 ? [momentView('zone-door', embedding)] : [] }),
    )
    const given = { cameras: { gate: { zones } } }
    expect((await tryOn(inZone, ['a van', '--zone', 'door', '--json'], given)).json().cameras[0].events).toBe(3)
    expect((await tryOn(inZone, ['a van', '--json'], given)).json().cameras[0].events).toBe(0)
    const newer = await tryOn(GATE, ['a van', '--zone', 'door'], given)
    expect(newer.out).toContain('The history of gate has no view of the zone door: the zone is newer')
  })

  test('softmax: against the events of the config', async () => {
    const { json } = await tryOn(GATE, ['a van', '--json'], { scoring: 'softmax' })
    // The other event has the same words: each has half of the score.
    expect(json().cameras[0].highest.score).toBeCloseTo(0.5, 5)
  })

  test('--since and --until cut the past', async () => {
    const until = new Date(START + 30_000).toISOString()
    const { json } = await tryOn(GATE, ['a van', '--json', '--until', until])
    expect(json().cameras[0]).toMatchObject({ frames: 30, events: 1 })
    expect(json().notes).toEqual(expect.arrayContaining(['The history of gate begins at 2026-11-30 12:00:00']))
  })
})

describe('mistakes get one line', () => {
  test.each([
    ['a phrase of a megabyte', ['x'.repeat(1e6)], /^Expected a phrase of at most 1000 characters, got one of 1000000$/],
    ['no words', ['   '], /^Expected a phrase, got an empty text/],
    ['other letters', ['猫'], /^Expected English words/],
    ['a long contrast', ['a van', '--against', 'y'.repeat(2000)], /at most 1000 characters, got one of 2000/],
    ['an unknown camera', ['a van', '--camera', 'gaet'], /no history of a camera `gaet`; did you mean `gate`\?/],
    ['an unknown zone', ['a van', '--zone', 'door'], /^No camera with history can show a_van: gate .*no zone `door`/],
    ['a time before everything', ['a van', '--until', '2020-01-01'], /--since to be before --until/],
    [
      'a time without history',
      ['a van', '--since', '1m'],
      /^Nothing is stored between .*: the history of gate is from/,
    ],
  ])('%s', async (_, args, message) => {
    const error = await tryOn(GATE, args).catch(each => each)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
    expect(error.message.length).toBeLessThan(300)
  })

  test.each([
    ['--threshold', '1.5'],
    ['--rule', 'level'],
    ['--since', 'soon'],
    ['--top', '0'],
  ])('%s %s', async (option, value) => {
    await expect(tryOn(GATE, ['a van', option, value])).rejects.toThrow(/invalid|Expected/i)
  })

  test('a camera that the config no longer has', async () => {
    const signals = [...GATE, ...visits('old', [0.97])]
    const { json } = await tryOn(signals, ['a van', '--json'])
    expect(json().notes).toContainEqual('old was left out: the config has no camera of this name')
  })

  test('the past is closed also after an error', async () => {
    const past = await fakePast(GATE, { cameras: { gate: {} } })
    await tryPast(past, ['猫']).catch(() => undefined)
    expect((past.reader as unknown as { isClosed: () => boolean }).isClosed()).toBe(true)
  })
})

test('--output-dir has the page with a chart and pictures, the sheet and the numbers', async () => {
  const jpeg = createCanvas(64, 36).toBuffer('image/jpeg')
  const thumbnails = new Map(GATE.map(({ frame }) => [`gate/${frame.capturedAt}/whole`, jpeg]))
  const outputDir = join(temporaryFolder(), 'tried')
  await tryOn(GATE, ['a van', '--output-dir', outputDir], { thumbnails })
  expect(readdirSync(outputDir).sort()).toEqual(['contact-sheet.png', 'try.html', 'try.json'])
  const html = readFileSync(join(outputDir, 'try.html'), 'utf8')
  expect(html.match(/<img [^>]*data:image\/jpeg/g)).toHaveLength(6)
  expect(html).toMatch(/<svg[^>]*Events a day at each threshold/)
  expect(readFileSync(join(outputDir, 'contact-sheet.png')).subarray(1, 4).toString()).toBe('PNG')
  expect(JSON.parse(readFileSync(join(outputDir, 'try.json'), 'utf8')).event).toBe('a_van')
})

test('a folder that cannot be written is reported before the work', async () => {
  const past = await fakePast(GATE, { cameras: { gate: {} } })
  await expect(tryPast(past, ['a van', '--output-dir', '/proc/none'])).rejects.toThrow(/Cannot/)
  expect(existsSync('/proc/none')).toBe(false)
  expect((past.reader as unknown as { reads: () => number }).reads()).toBe(0)
})
