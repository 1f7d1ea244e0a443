import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCanvas } from '@napi-rs/canvas'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { fittedMemory } from '../../../src/commands/past/fittedMemory.ts'
import { register } from '../../../src/commands/search.ts'
import type { EventConfig } from '../../../src/config/eventSchema.ts'
import type { QuietFit } from '../../../src/scoringTypes.ts'
import type { EncodedFrame, Light, Signal } from '../../../src/types.ts'
import { type FakePastOptions, fakePast, looking } from '../../support/fakePast.ts'
import { status } from '../../support/frames.ts'
import { moment, moments, momentView } from '../../support/memoryHistory.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const START = new Date(2026, 10, 30, 12).getTime()
const MINUTE = 60_000

async function searchIn(
  signals: readonly Signal<EncodedFrame>[],
  args: readonly string[],
  given: Partial<FakePastOptions> = {},
) {
  const past = await fakePast(signals, { cameras: { gate: {} }, ...given })
  let out = ''
  const program = new Command('watchword').exitOverride()
  register(program, {
    stdout: { write: text => (out += text) },
    openPast: async () => past,
    now: () => START + 3_600_000,
  })
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} })
  await program.parseAsync(['search', ...args], { from: 'user' })
  return { out, json: () => JSON.parse(out) }
}

/** One image every ten minutes. */
function looks(camera: string, scores: readonly number[]): EncodedFrame[] {
  return moments(camera, scores.map(looking), { from: START, everyMs: 10 * MINUTE })
}

interface Row {
  readonly camera: string
  readonly time: number
  readonly score: number
  readonly views: number
  readonly view: string
  readonly above_quiet: number | null
}
const rows = (json: { moments: Row[] }) => json.moments

describe('ranking', () => {
  test('best first, with the score that it has live', async () => {
    const { json } = await searchIn(looks('gate', [0.1, 0.9, 0.3, 0.7]), ['a red van', '--json'])
    expect(rows(json()).map(({ score }) => Math.round(score * 100))).toEqual([90, 70, 30, 10])
    expect(rows(json())[0]?.time).toBe((START + 10 * MINUTE) / 1000)
  })

  test('by how far an image stands out on its camera, not by how well it fits', async () => {
    // The yard always looks a little like it: 0.8 is nothing there, and 0.6 is much at the gate.
    const signals = [...looks('gate', [0.1, 0.6]), ...looks('yard', [0.7, 0.8])]
    const usual = { gate: -2, yard: 1.2 }
    const fitted = (camera: 'gate' | 'yard'): QuietFit => ({
      direction: Float32Array.of(10, -10),
      offset: 0,
      location: usual[camera],
      spread: 0.3,
      centre: usual[camera] + 1,
      width: 0.5,
      eventFraction: 0,
      usualMargin: null,
      images: 100,
    })
    const past = await fakePast(signals, { cameras: { gate: {}, yard: {} } })
    const memoryOf = async (camera: string, texts: Parameters<typeof past.memoryOf>[1]) =>
      fittedMemory(() => ({ fit: fitted(camera as 'gate' | 'yard'), answers: null }), texts)
    let out = ''
    const program = new Command('watchword').exitOverride()
    register(program, {
      stdout: { write: text => (out += text) },
      openPast: async () => ({ ...past, memoryOf }),
      now: () => START + 3_600_000,
    })
    await program.parseAsync(['search', 'a red van', '--json'], { from: 'user' })
    const found = rows(JSON.parse(out))
    expect(found.slice(0, 2).map(({ camera }) => camera)).toEqual(['gate', 'yard'])
    expect(found[0]?.above_quiet).toBeCloseTo(Math.log(0.6 / 0.4) + 2, 4)
  })

  test('each light has its own quiet level', async () => {
    const lights: Light[] = ['day', 'infrared']
    const signals = lights.map((light, i) => moment('gate', START + i * 10 * MINUTE, looking(0.7), { light }))
    const past = await fakePast(signals, { cameras: { gate: {} } })
    const quiet = (light: Light): QuietFit => ({
      direction: Float32Array.of(10, -10),
      offset: 0,
      location: 0,
      spread: 1,
      centre: light === 'day' ? 3 : 0,
      width: 1,
      eventFraction: 0,
      usualMargin: null,
      images: 100,
    })
    const memory = fittedMemory(
      (_, light) => ({ fit: quiet(light), answers: null }),
      await past.texts({ a_van: past.config.events.known as EventConfig }),
    )
    const { json } = await searchIn(signals, ['a van', '--json'], { memory })
    expect(rows(json()).map(({ time }) => time * 1000 - START)).toEqual([10 * MINUTE, 0])
  })

  test('crops and zones are found, each with its place; a sampled window is not', async () => {
    const views = [momentView('crop-3', looking(0.9), { zones: { door: 1 } }), momentView('crop-sample', looking(0.99))]
    const { json, out } = await searchIn([moment('gate', START, looking(0.2), { views })], ['a van', '--json'])
    expect(rows(json())).toMatchObject([{ view: 'crop-3', where: { zones: ['door'], view: 'crop' }, views: 1 }])
    expect(out).not.toContain('sample')
  })
})

describe('moments', () => {
  test('images close together are one moment, with the number and length of those that fit alike', async () => {
    const near = moments('gate', [0.2, 0.9, 0.8].map(looking), { from: START, everyMs: 20_000 })
    const { json } = await searchIn([...near, moment('gate', START + 10 * MINUTE, looking(0.6))], ['a van', '--json'])
    expect(json().moments).toMatchObject([
      { time: (START + 20_000) / 1000, from: (START + 20_000) / 1000, to: (START + 40_000) / 1000, views: 2 },
      { views: 1 },
    ])
  })

  test('one long moment of thousands of images does not hide the others', async () => {
    const long = moments(
      'gate',
      Array.from({ length: 3000 }, (_, i) => looking(0.9 + i / 100_000)),
      { from: START, everyMs: 10 },
    )
    const later = looks('gate', [0.05, 0.05, 0.5])
    const { json } = await searchIn([...long, ...later.slice(1)], ['a van', '--json', '--top', '3'])
    expect(rows(json()).map(({ time }) => Math.round((time * 1000 - START) / MINUTE))).toEqual([0, 20, 10])
  })

  test('--merge and --top', async () => {
    const near = moments('gate', [0.2, 0.9, 0.4].map(looking), { from: START, everyMs: 20_000 })
    expect(rows((await searchIn(near, ['a van', '--json', '--merge', '1s'])).json())).toHaveLength(3)
    expect(rows((await searchIn(near, ['a van', '--json', '--merge', '1s', '--top', '2'])).json())).toHaveLength(2)
  })
})

describe('text', () => {
  test('one line a moment', async () => {
    const { out } = await searchIn(looks('gate', [0.1, 0.9]), ['a van'])
    expect(out).toMatch(/\n1 +2026-11-30 12:10:00 +gate +90 % +– +whole image +1 +0 seconds\n/)
  })

  test('says so when nothing stands out', async () => {
    const { out } = await searchIn(looks('gate', [0.1, 0.3]), ['a van'])
    expect(out).toContain('Nothing stands out from what the cameras usually show: the best score is 30 %.')
  })

  test('says from when the history is', async () => {
    const { out } = await searchIn(looks('gate', [0.9]), ['a van', '--since', '7d'])
    expect(out).toContain('The history of gate begins at 2026-11-30 12:00:00.')
  })
})

describe('mistakes get one line', () => {
  test.each([
    ['a long phrase', ['x'.repeat(1e6)], /^Expected a phrase of at most 1000 characters/],
    ['an unknown camera', ['a van', '--camera', 'x'], /no history of a camera `x`; known cameras: gate/],
    ['no history then', ['a van', '--until', '2026-11-29', '--since', '2026-11-28'], /^Nothing is stored between/],
    ['no duration', ['a van', '--merge', 'long'], /Expected a duration such as 30s/],
  ])('%s', async (_, args, message) => {
    await expect(searchIn(looks('gate', [0.9]), args)).rejects.toThrow(message)
  })

  test('only statuses in that time: it says that there is no image', async () => {
    const signals = [
      ...looks('gate', [0.5]),
      status('gate', START + 5 * MINUTE, 'offline'),
      ...looks('gate', [0.5]).map(({ frame, embedding }) => moment('gate', frame.capturedAt + 20 * MINUTE, embedding)),
    ]
    const cut = [
      ...['--since', new Date(START + MINUTE).toISOString()],
      ...['--until', new Date(START + 6 * MINUTE).toISOString()],
    ]
    expect((await searchIn(signals, ['a van', ...cut])).out).toContain(
      'No image with an embedding is stored in that time.',
    )
  })
})

test('--output-dir has the sheet, the JPEGs beside it, and the numbers', async () => {
  const jpeg = createCanvas(64, 36).toBuffer('image/jpeg')
  const views = [momentView('crop-3', looking(0.9))]
  const thumbnails = new Map([`gate/${START}/whole`, `gate/${START}/crop-3`].map(key => [key, jpeg]))
  const outputDir = join(temporaryFolder(), 'found')
  await searchIn([moment('gate', START, looking(0.2), { views })], ['a van', '--output-dir', outputDir], { thumbnails })
  expect(readdirSync(outputDir).sort()).toEqual([
    '01-gate-20261130T120000-crop-3.jpg',
    '01-gate-20261130T120000.jpg',
    'contact-sheet.png',
    'search.json',
  ])
  expect(readFileSync(join(outputDir, 'contact-sheet.png')).subarray(1, 4).toString()).toBe('PNG')
})
