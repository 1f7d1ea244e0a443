import { from } from 'rxjs'
import { expect, test } from 'vitest'
import { createEventTraces } from '../../src/history/createEventTraces.ts'
import { AROUND_MS, type TraceRecord, unpackRow } from '../../src/history/eventTrace.ts'
import { FULL_ROWS } from '../../src/history/thinStep.ts'
import { decide } from '../../src/operators/decide.ts'
import { NO_MEMORY } from '../../src/operators/score.ts'
import { rulesOf, type WatchState } from '../../src/operators/watchState.ts'
import type { EncodedFrame, Outcome, ScoredFrame, Signal } from '../../src/types.ts'
import { encoded, frame, status } from '../support/frames.ts'

const T0 = Date.UTC(2026, 10, 30, 12)
const vector = (x: number) => Float32Array.of(x, Math.sqrt(1 - x * x))
const phrase = (text: string, x: number) => ({ text, vector: vector(x), tokens: 4 })
const words = {
  prompts: [phrase('a car', 1), phrase('a parked car', 0.8)],
  contrast: [phrase('an empty road', 0), phrase('fog', 0.3)],
  ownContrasts: 1,
  levels: null,
}
const car = { event: 'car', positive: vector(1), contrast: [vector(0), vector(0.3)], levels: null, words }
const trigger = { threshold: 0.5, releaseThreshold: 0.3, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e9 }
const STATE: WatchState = {
  cameras: [
    {
      camera: 'a',
      enabled: true,
      revision: '',
      motion: { enabled: false, threshold: 0, refreshMs: 0 },
      events: ['car'],
    },
  ],
  events: [{ event: 'car', enabled: true, rule: { rule: 'present', trigger }, tauMs: 500 }],
  texts: { variant: 'fake', logitScale: 10, calibration: { centre: 0, width: 1 }, events: [car] },
}
const MODEL = { sha256: 'abc', variant: 'fake', dim: 2 }

/** Live outcomes of these signals, and the records of the traces that they leave. */
function run(signals: readonly Signal<EncodedFrame>[], { finishes = true } = {}) {
  const records: TraceRecord[] = []
  const files = new Set<string>()
  const outcomes: Outcome[] = []
  const traces = createEventTraces({
    texts: () => STATE.texts,
    rule: (camera, event) => {
      const rule = rulesOf(STATE, camera).get(event)
      return rule === undefined
        ? null
        : { rule: rule.rule, threshold: trigger.threshold, releaseThreshold: trigger.releaseThreshold }
    },
    model: MODEL,
    write: (file, record) => {
      files.add(file)
      records.push(record)
    },
  })
  from(signals)
    .pipe(
      decide({ watchState: () => STATE, scoring: 'two-way', memory: NO_MEMORY, updateEveryMs: 2000, gapMs: 30_000 }),
    )
    .subscribe(outcome => {
      outcomes.push(outcome)
      traces.take(outcome)
    })
  if (finishes) traces.finish()
  return { records, outcomes, files: [...files], rows: rowsOf(records) }
}

function rowsOf(records: readonly TraceRecord[]) {
  const rows = records.flatMap(record => (record.k === 'rows' ? record.rows.map(unpackRow) : []))
  return rows.sort((a, b) => a.at - b.at)
}

function images(xs: readonly number[], stepMs = 1000): EncodedFrame[] {
  return xs.map((x, i) => encoded('a', T0 + i * stepMs, [...vector(x)]))
}

const repeat = (x: number, times: number) => Array.from({ length: times }, () => x)
const scene = [...repeat(0.1, 30), ...repeat(0.95, 10), ...repeat(0.1, 30)]

test('an event’s rows are the live numbers, from ten seconds before it to ten seconds after it', () => {
  const { outcomes, rows, records } = run(images(scene))
  const frames = new Map(outcomes.flatMap(each => (each.kind === 'frame' ? [[each.frame.capturedAt, each]] : [])))
  const changes = outcomes.flatMap(each => (each.kind === 'event' ? [each.after] : []))
  const end = changes.at(-1)
  expect(rows[0]?.at).toBe((changes[0]?.startTime ?? 0) - AROUND_MS)
  expect(rows.at(-1)?.at).toBe((end?.endTime ?? 0) + AROUND_MS)
  expect(rows).toHaveLength(new Set(rows.map(({ at }) => at)).size)
  for (const row of rows) {
    const live = frames.get(row.at) as ScoredFrame
    const judged = live.views[0]?.judgements.car
    expect(row.score).toBeCloseTo(live.scores.car ?? -1, 7)
    expect(row.raw).toBeCloseTo(live.rawScores.car ?? -1, 7)
    expect(row.margin).toBeCloseTo(judged?.margin ?? -1, 7)
    expect(row.logOdds).toBeCloseTo(judged?.logOdds ?? -1, 7)
    expect(row.evidence).toBeCloseTo(live.evidence?.car?.level ?? -1, 7)
    expect(row.view).toBe('whole')
  }
  expect(rows.find(({ at }) => at === end?.topTime)?.score).toBeCloseTo(end?.topScore ?? -1, 7)
  expect(records.map(({ k }) => k).filter(k => k !== 'rows' && k !== 'change')).toEqual(['event', 'done'])
})

test('the head names rule, thresholds, model and phrases; a peak has the logits of its phrases', () => {
  const { records, outcomes } = run(images(scene))
  const head = records.find(record => record.k === 'event')
  expect(head).toMatchObject({
    head: {
      camera: 'a',
      event: 'car',
      rule: { rule: 'present', threshold: 0.5, releaseThreshold: 0.3 },
      model: MODEL,
      phrases: { for: ['a car', 'a parked car'], against: ['an empty road', 'fog'] },
    },
  })
  const peaks = records.flatMap(record => (record.k === 'change' && record.peak ? [record] : []))
  const last = peaks.at(-1)
  expect(last?.peak?.at).toBe(last?.after.why?.at)
  expect(last?.peak?.logits?.for[0]).toBeCloseTo(10 * (0.95 * 1), 4)
  const margin = outcomes.findLast(each => each.kind === 'event')?.after.why?.margin
  const [against] = [last?.peak?.logits?.against ?? []]
  expect(margin).toBeCloseTo(9.5 - Math.log(against.reduce((sum, value) => sum + Math.exp(value), 0) / 2), 4)
})

test('phrases are weighed at most once a second', () => {
  const { rows } = run(images([...repeat(0.1, 50), ...repeat(0.95, 50), ...repeat(0.1, 50)], 200))
  const weighed = rows.filter(({ logits }) => logits !== null)
  expect(rows.length).toBeGreaterThan(100)
  expect(weighed.length).toBeGreaterThan(20)
  for (const [i, row] of weighed.entries())
    if (i > 0) expect(row.at - (weighed[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1000)
})

test('what a kill leaves lacks at most the last second of rows', () => {
  const { records, rows } = run(images([...repeat(0.1, 50), ...repeat(0.95, 52)], 200), { finishes: false })
  const at = T0 + 101 * 200
  // The stream has completed, which ended the event: only its tail is open.
  expect(at - (rows.at(-1)?.at ?? 0)).toBeLessThan(1000)
  expect(records.some(({ k }) => k === 'done')).toBe(false)
})

test('a long event keeps few rows, its highest score among them, and says how many frames were left out', () => {
  const hours = 3600 * 6
  const xs = Array.from({ length: hours }, (_, i) => (i < 30 || i > hours - 40 ? 0.1 : 0.95 + 0.01 * Math.sin(i / 700)))
  const highest = 5003
  for (let i = highest - 3; i <= highest + 3; i++) xs[i] = 1
  const { rows, records, outcomes } = run(images(xs))
  const end = outcomes.findLast(each => each.kind === 'event')?.after
  expect(rows.length).toBeLessThan(FULL_ROWS * 3)
  expect(end?.topTime).toBe(rows.reduce((best, row) => (row.score > best.score ? row : best)).at)
  const done = records.find(record => record.k === 'done')
  expect(done?.thinned).toBeGreaterThan(15_000)
})

test('the camera goes offline: its traces end, and a later event does not begin with frames from before', () => {
  const later = images([...repeat(0.95, 5), ...repeat(0.1, 20)]).map((each, i) => ({
    ...each,
    frame: frame('a', T0 + 60_000 + i * 1000),
  }))
  const signals = [
    ...images(scene.slice(0, 38)),
    status('a', T0 + 40_000, 'offline'),
    status('a', T0 + 59_000, 'online'),
  ]
  const { records, rows } = run([...signals, ...later])
  const ids = new Set(records.map(({ id }) => id))
  expect(ids.size).toBe(2)
  expect(rows.filter(({ at }) => at > T0 + 38_000 && at < T0 + 60_000)).toEqual([])
  expect(records.filter(({ k }) => k === 'done')).toHaveLength(2)
})

test('a trace is in the file of the day on which its event started', () => {
  expect(run(images(scene)).files).toEqual(['2026-11-30.jsonl'])
})
