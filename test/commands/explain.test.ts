import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadImage } from '@napi-rs/canvas'
import { Command } from 'commander'
import { from } from 'rxjs'
import { afterEach, expect, test, vi } from 'vitest'
import { register } from '../../src/commands/explain.ts'
import { openEventTraces } from '../../src/commands/run/openEventTraces.ts'
import { decide } from '../../src/operators/decide.ts'
import { NO_MEMORY } from '../../src/operators/score.ts'
import type { WatchState } from '../../src/operators/watchState.ts'
import type { Outcome, WatchEvent } from '../../src/types.ts'
import { WatchwordError } from '../../src/util/errors.ts'
import { encoded } from '../support/frames.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const T0 = Date.now() - 3_600_000
const vector = (x: number) => Float32Array.of(x, Math.sqrt(1 - x * x))
const phrase = (text: string, x: number) => ({ text, vector: vector(x), tokens: 4 })
const words = {
  prompts: [phrase('a parked car', 0.8), phrase('a car', 1)],
  contrast: [phrase('an empty road', 0), phrase('fog', 0.3)],
  ownContrasts: 1,
  levels: null,
}
const car = { event: 'car', positive: vector(1), contrast: [vector(0), vector(0.3)], levels: null, words }
const trigger = { threshold: 0.5, releaseThreshold: 0.3, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e9 }
const motion = { enabled: false, threshold: 0, refreshMs: 0 }
const STATE: WatchState = {
  cameras: [{ camera: 'a', enabled: true, revision: '', motion, events: ['car'] }],
  events: [{ event: 'car', enabled: true, rule: { rule: 'present', trigger }, tauMs: 500 }],
  texts: { variant: 'fake', logitScale: 10, calibration: { centre: 0, width: 1 }, events: [car] },
}

/** A run whose events left traces in a data directory. */
async function liveRun(xs: readonly number[]) {
  const dataDir = temporaryFolder()
  const outcomes: Outcome[] = []
  const live$ = from(xs.map((x, i) => encoded('a', T0 + i * 1000, [...vector(x)]))).pipe(
    decide({ watchState: () => STATE, scoring: 'two-way', memory: NO_MEMORY, updateEveryMs: 2000, gapMs: 30_000 }),
  )
  live$.subscribe(outcome => outcomes.push(outcome))
  const encoder = { modelSha: 'abc', variant: 'fake', dim: 2 }
  const telemetry = recordTelemetry()
  const store = { watchState: () => STATE, config: () => ({ history: { enabled: true, max_age: 1e9 } }) }
  await openEventTraces({ dataDir, encoder, store, telemetry })?.(live$)
  const end = outcomes.findLast(each => each.kind === 'event')?.after as WatchEvent
  return { dataDir, outcomes, end }
}

async function explain(...args: readonly string[]): Promise<string> {
  const written: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    written.push(String(text))
    return true
  })
  const program = new Command().exitOverride()
  register(program)
  await program.parseAsync(['explain', ...args], { from: 'user' })
  return written.join('')
}
afterEach(() => vi.restoreAllMocks())

const scene = [...Array(15).fill(0.1), 0.6, 0.8, 0.9, 0.97, 0.99, 0.99, 0.99, ...Array(15).fill(0.1)]

test('an event is explained with the live numbers, to six digits', async () => {
  const { dataDir, outcomes, end } = await liveRun(scene)
  const found = JSON.parse(await explain(end.id, '--data-dir', dataDir, '--json'))
  const live = new Map(outcomes.flatMap(each => (each.kind === 'frame' ? [[each.frame.capturedAt / 1000, each]] : [])))
  expect(found.frames.length).toBeGreaterThan(20)
  for (const frame of found.frames) {
    const scored = live.get(frame.time)
    const judgement = scored?.views[0]?.judgements.car
    expect(frame.score).toBeCloseTo(scored?.scores.car ?? -1, 6)
    expect(frame.raw).toBeCloseTo(scored?.rawScores.car ?? -1, 6)
    expect(frame.margin).toBeCloseTo(judgement?.margin ?? -1, 6)
    expect(frame.log_odds).toBeCloseTo(judgement?.logOdds ?? -1, 6)
  }
  expect(found).toMatchObject({
    source: 'trace',
    id: end.id,
    threshold: 0.5,
    release_threshold: 0.3,
    frames_left_out: 0,
  })
  expect(found.moment.time).toBe((end.why?.at ?? 0) / 1000)
  expect(found.moment.margin).toBeCloseTo(end.why?.margin ?? -1, 6)
  expect(found.moment.for[0].phrase).toBe(end.why?.for)
  expect(found.moment.against[0].phrase).toBe(end.why?.against)
  expect(found.state.top_score).toBeCloseTo(Math.max(...found.frames.map((each: { score: number }) => each.score)), 3)
})

test('as text: phrases for and against, curves, and a table with start, peak and end', async () => {
  const { dataDir, end } = await liveRun(scene)
  const text = await explain(end.id, '--data-dir', dataDir)
  expect(text).toContain(`${end.id}: car on a, rule present, fake`)
  expect(text).toMatch(/score {8}▁.*█.* starts at 0.5, ends below 0.3/)
  expect(text).toMatch(/for +logit +share\n.*\na car +9\.9\d+ +\d+ %/)
  expect(text).toMatch(/against +logit +share\n.*\nfog +\d/)
  expect(text).toContain(`Margin ${end.why?.margin.toFixed(6)} nats`)
  for (const mark of ['start', 'decided', 'peak', 'end']) expect(text).toMatch(new RegExp(`\\b${mark}\\b.*$`, 'm'))
})

test('a time inside an event is explained from its trace', async () => {
  const { dataDir, end } = await liveRun(scene)
  const at = new Date(T0 + 10_000).toISOString()
  const found = JSON.parse(
    await explain('--at', at, '--camera', 'a', '--event', 'car', '--data-dir', dataDir, '--json'),
  )
  expect(found).toMatchObject({ source: 'trace', id: end.id })
  expect(found.moment.time).toBe((T0 + 10_000) / 1000)
  expect(found.moment.score).toBeLessThan(0.5)
})

test('the chart is a PNG, written to a file or a folder', async () => {
  const { dataDir, end } = await liveRun(scene)
  const dir = join(temporaryFolder(), 'charts')
  const text = await explain(end.id, '--data-dir', dataDir, '--output-dir', dir)
  const file = join(dir, `${end.id}.png`)
  expect(text).toContain(`Chart: ${file}`)
  const image = await loadImage(readFileSync(file))
  expect(image.width).toBeGreaterThan(1000)
  const other = join(dir, 'why.png')
  await explain(end.id, '--data-dir', dataDir, '--output', other, '--json')
  expect(existsSync(other)).toBe(true)
})

test('an unknown id names the nearest known ones', async () => {
  const { dataDir, end } = await liveRun(scene)
  const wrong = `${end.id.slice(0, -2)}zz`
  const error = await explain(wrong, '--data-dir', dataDir).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WatchwordError)
  expect(error).toMatchObject({ code: 'event-id-unknown', hint: `Nearest: ${end.id}` })
  rmSync(join(dataDir, 'history'), { recursive: true })
  await expect(explain(wrong, '--data-dir', dataDir)).rejects.toMatchObject({
    hint: expect.stringContaining('No event'),
  })
})

test('a question that is not complete is refused', async () => {
  await expect(explain('--at', '5m', '--camera', 'a')).rejects.toMatchObject({ code: 'invalid-option' })
  await expect(explain('x', '--at', '5m')).rejects.toMatchObject({ code: 'invalid-option' })
  await expect(explain()).rejects.toMatchObject({ code: 'invalid-option' })
})
