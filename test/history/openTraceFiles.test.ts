import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packRow, type TraceHead, type TraceRecord, type TraceRow } from '../../src/history/eventTrace.ts'
import { openTraceFiles, type TraceFilesOptions } from '../../src/history/openTraceFiles.ts'
import { openTraceReader } from '../../src/history/openTraceReader.ts'
import { change } from '../support/change.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const T0 = Date.UTC(2026, 10, 30, 12)
const DAY = 86_400_000
const id = (i: number) => `20261130T12000${i}000-front-van-${i}`
const headOf = (i: number): TraceHead => ({
  id: id(i),
  camera: 'front',
  event: 'van',
  startTime: T0 + i * 60_000,
  rule: { rule: 'present', threshold: 0.5, releaseThreshold: 0.3 },
  model: { sha256: 'abc', variant: 'int8', dim: 4 },
  phrases: { for: ['a van'], against: ['an empty road'] },
})
const row = (at: number, score = 0.5): TraceRow => ({
  at,
  score,
  raw: 1 / 3,
  margin: -0.123456789,
  aboveQuiet: null,
  learned: 0,
  answers: 0,
  logOdds: 1e-9,
  motion: 0.25,
  settled: 0,
  evidence: score,
  view: 'crop-1',
  box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
  zones: ['gate'],
  logits: { for: [20.5], against: [18.25] },
})
const recordsOf = (i: number): TraceRecord[] => {
  const { startTime } = headOf(i)
  const after = change('end', id(i), 1, { camera: 'front', event: 'van', startTime }).after
  return [
    { k: 'event', id: id(i), head: headOf(i) },
    { k: 'rows', id: id(i), rows: [startTime + 1000, startTime].map(at => packRow(row(at))) },
    { k: 'change', id: id(i), type: 'end', after, peak: { at: startTime, logits: { for: [20.5], against: [18.25] } } },
    { k: 'done', id: id(i), thinned: 3 },
  ]
}
const FILE = '2026-11-30.jsonl'

function setUp(options: Partial<TraceFilesOptions> = {}) {
  const dir = options.dir ?? join(temporaryFolder(), 'traces')
  const telemetry = recordTelemetry()
  const files = openTraceFiles({ dir, maxAgeMs: 7 * DAY, telemetry, now: () => T0, ...options })
  const write = (records: readonly TraceRecord[]) => {
    for (const record of records) files.append(FILE, JSON.stringify(record))
  }
  const skipped = () => telemetry.of('TraceSkipped')
  return { dir, files, write, reader: openTraceReader(dir), skipped }
}

test('a trace is read as it was written, its rows in order of time', async () => {
  const { files, write, reader } = setUp()
  write([...recordsOf(1), ...recordsOf(2)])
  await files.close()
  const trace = await reader.byId(id(1))
  expect(trace?.head).toEqual(headOf(1))
  expect(trace?.rows.map(({ at }) => at)).toEqual([T0 + 60_000, T0 + 61_000])
  const expected = row(T0 + 60_000)
  expect(trace?.rows[0]).toEqual({ ...expected, raw: 0.333333333 })
  expect(trace).toMatchObject({ thinned: 3, peak: { at: T0 + 60_000 } })
  expect(trace?.event?.id).toBe(id(1))
  expect(await reader.byId(id(3))).toBeNull()
  expect(await reader.byId('../../etc/passwd')).toBeNull()
  expect((await reader.known()).map(each => each.id)).toEqual([id(1), id(2)])
})

test('a time finds the trace that covers it', async () => {
  const { files, write, reader } = setUp()
  write([...recordsOf(1), ...recordsOf(2)])
  await files.close()
  expect((await reader.covering('front', 'van', T0 + 60_500))?.head.id).toBe(id(1))
  expect(await reader.covering('front', 'van', T0 + 90_000)).toBeNull()
  expect(await reader.covering('back', 'van', T0 + 60_500)).toBeNull()
})

test('what a kill cut off costs that record alone, also after the next start', async () => {
  const { dir, files, write } = setUp()
  write(recordsOf(1).slice(0, 2))
  await files.close()
  appendFileSync(join(dir, FILE), '{"k":"rows","id":"20261130T120001000-front-van-1","rows":[[17')
  const next = setUp({ dir })
  next.write(recordsOf(2))
  await next.files.close()
  const [first, second] = [await next.reader.byId(id(1)), await next.reader.byId(id(2))]
  expect(first).toMatchObject({ event: null, peak: null, thinned: null })
  expect(first?.rows).toHaveLength(2)
  expect(second?.rows).toHaveLength(2)
})

test('damaged lines are left out', async () => {
  const { dir, files, write, reader } = setUp()
  write(recordsOf(1))
  await files.close()
  const quoted = JSON.stringify(id(1))
  for (const line of [
    'null',
    '[]',
    '{}',
    `{"k":"rows","id":${quoted},"rows":[1]}`,
    `{"k":"event","id":${quoted}}`,
    '\0\0',
  ])
    appendFileSync(join(dir, FILE), `${line}\n`)
  expect((await reader.byId(id(1)))?.rows).toHaveLength(2)
})

test('what a failing disk does not take is counted', async () => {
  const parent = temporaryFolder()
  const dir = join(parent, 'traces')
  writeFileSync(dir, 'a file where the folder should be')
  const { files, write, skipped } = setUp({ dir })
  write(recordsOf(1))
  await files.close()
  expect(skipped().reduce((sum, { records }) => sum + records, 0)).toBe(4)
  expect(skipped()[0]).toMatchObject({ reason: 'disk' })
})

test('a disk that hangs delays no caller: what waits is bounded, and the rest is counted', async () => {
  const { dir, files, skipped } = setUp()
  mkdirSync(dir, { recursive: true })
  const line = 'x'.repeat(100_000)
  // No write can end before this loop does.
  for (let i = 0; i < 100; i++) files.append(FILE, line)
  const skippedAtOnce = skipped().length
  expect(skippedAtOnce).toBeGreaterThan(50)
  expect(skipped()[0]).toMatchObject({ reason: 'backlog', records: 1 })
  await files.close()
  const written = readFileSync(join(dir, FILE), 'utf8')
    .split('\n')
    .filter(each => each !== '').length
  expect(written + skippedAtOnce).toBe(100)
})

test('a file that is full takes no more', async () => {
  const { files, write, skipped, reader } = setUp({ maxFileBytes: 1000 })
  write(recordsOf(1))
  await until(async () => (await reader.byId(id(1)))?.thinned === 3, 'the first trace is written')
  write(recordsOf(2))
  await files.close()
  expect(skipped().map(({ reason }) => reason)).toEqual(skipped().map(() => 'size'))
  expect(skipped().reduce((sum, { records }) => sum + records, 0)).toBe(4)
  expect(await reader.byId(id(2))).toBeNull()
})

test('files of old days are removed, others stay', async () => {
  const { dir, files, write } = setUp()
  mkdirSync(dir, { recursive: true })
  for (const name of ['2026-11-20.jsonl', '2026-11-24.jsonl', 'notes.txt']) writeFileSync(join(dir, name), '\n')
  write(recordsOf(1))
  await files.close()
  expect(['2026-11-20.jsonl', '2026-11-24.jsonl', 'notes.txt'].map(name => existsSync(join(dir, name)))).toEqual([
    false,
    true,
    true,
  ])
})

test('after closing nothing is written', async () => {
  const { files, write, skipped, reader } = setUp()
  await files.close()
  write(recordsOf(1))
  expect(skipped()).toHaveLength(4)
  expect(await reader.known()).toEqual([])
})
