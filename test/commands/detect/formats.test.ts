import { describe, expect, test } from 'vitest'
import { position, subtitleTime } from '../../../src/commands/detect/clock.ts'
import { contactSheet } from '../../../src/commands/detect/contactSheet.ts'
import { createFindings, type Finding } from '../../../src/commands/detect/findings.ts'
import { eventsJson, scoresCsv, subtitles } from '../../../src/commands/detect/formats.ts'
import { sparkline } from '../../../src/commands/detect/sparkline.ts'
import type { MarkedFrame, WatchEvent } from '../../../src/types.ts'

const event: WatchEvent = {
  id: 'x1',
  camera: 'video',
  event: 'person_walking',
  startTime: 61_500,
  endTime: 3_723_450,
  frameTime: 3_723_450,
  score: 0.2,
  topScore: 0.9175,
  topTime: 62_000,
  endReason: 'score',
  variant: 'int8',
  where: null,
  why: null,
}
const facts = {
  video: 'v.mp4',
  model: 'demo',
  variant: 'int8',
  scoring: 'two-way',
  sampling: { everyNth: 5 },
  frames: 3,
} as const
const finding: Finding = { event, publishedAt: 62_500, curve: [0.5, 0.9, 0.2], picture: null }

test('positions read as people and SubRip write them', () => {
  expect(position(61_500)).toBe('01:01.5')
  expect(position(3_723_450)).toBe('1:02:03.4')
  expect(subtitleTime(3_723_450)).toBe('01:02:03,450')
})

test('a sparkline keeps the peak of every section', () => {
  expect(sparkline([0, 0.5, 1])).toBe('▁▅█')
  expect(sparkline([0, 0, 1, 0], 2)).toBe('▁█')
  expect(sparkline([])).toBe('')
})

test('subtitles are numbered in order of start', () => {
  const earlier = { ...finding, event: { ...event, event: 'crowded_scene', startTime: 0, endTime: 2000 } }
  expect(subtitles([finding, earlier])).toBe(
    '1\n00:00:00,000 --> 00:00:02,000\ncrowded scene (92 %)\n\n2\n00:01:01,500 --> 01:02:03,450\nperson walking (92 %)\n',
  )
})

test('the table has smoothed and raw scores of every event', () => {
  const row = { seq: 0, at: 1500, motion: 0.25, scores: { a: 0.5 }, rawScores: { a: 0.75 }, deciders: {} }
  expect(scoresCsv(['a'], [row])).toBe('seconds,motion,a,a_raw,a_view,a_box\n1.5,0.25,0.5,0.75,,\n')
})

test('the table names the view that decided, and its box unless it is the whole image', () => {
  const subject = { x: 0.123456, y: 0.5, width: 0.25, height: 0.125 }
  const row = { seq: 0, at: 0, motion: 0, scores: {}, rawScores: {} }
  const [header, first, second] = scoresCsv(
    ['a'],
    [
      { ...row, deciders: { a: { id: 'crop-3', subject } } },
      { ...row, deciders: { a: { id: 'whole', subject } } },
    ],
  ).split('\n')
  expect(first).toBe('0,0,0,0,crop-3,0.1235 0.5 0.25 0.125')
  expect(second).toBe('0,0,0,0,whole,')
  expect(first?.split(',')).toHaveLength(header?.split(',').length ?? 0)
})

test('events.json has the place of every event', () => {
  const where = { box: { x: 0.1, y: 0.2, width: 0.33333, height: 0.4 }, zones: ['gate'], view: 'crop' } as const
  const { events } = JSON.parse(eventsJson(facts, [{ ...finding, event: { ...event, where } }, finding]))
  expect(events[0].where).toEqual({ box: [0.1, 0.2, 0.3333, 0.4], zones: ['gate'], view: 'crop' })
  expect(events[1].where).toBeNull()
})

test('times in events.json are seconds from the beginning', () => {
  const json = JSON.parse(eventsJson(facts, [finding]))
  expect(json.events[0]).toMatchObject({ start_time: 61.5, end_time: 3723.45, top_score: 0.9175, end_reason: 'score' })
  expect(json).toMatchObject({ video: 'v.mp4', scoring: 'two-way', sample_rate: 5, frames: 3 })
})

test('what was open when the video ended was ended by it', () => {
  const open = { ...finding, event: { ...event, endReason: 'shutdown' as const } }
  expect(JSON.parse(eventsJson(facts, [open])).events[0].end_reason).toBe('video_end')
})

describe('findings', () => {
  const frame = (at: number, score: number) =>
    ({
      kind: 'frame',
      frame: { seq: at, capturedAt: at, motion: 0 } as MarkedFrame,
      variant: 'int8',
      scores: { person_walking: score },
      rawScores: { person_walking: score },
      views: [],
    }) as const

  test('an ended event brings its own part of the curve, its newest snapshot, and the time of publication', () => {
    const findings = createFindings()
    const picture = Uint8Array.of(1)
    const viewImage = { box: { x: 0, y: 0, width: 0.5, height: 0.5 }, size: 1, pixels: Uint8Array.of(1, 2, 3) }
    const where = { box: { x: 0, y: 0, width: 0.5, height: 0.5 }, zones: [], view: 'crop' } as const
    const change = { kind: 'event', before: null, seq: 0, viewImage: null } as const
    findings.take(frame(0, 0.1))
    findings.take(frame(100, 0.7))
    const begun = { ...event, startTime: 100, frameTime: 150, endTime: null }
    findings.take({ ...change, type: 'new', after: { ...begun, where }, snapshot: picture, viewImage })
    findings.take(frame(200, 0.8))
    const found = findings.take({
      ...change,
      type: 'end',
      after: { ...begun, frameTime: 200, endTime: 200 },
      snapshot: null,
    })
    expect(found).toMatchObject({ publishedAt: 150, curve: [0.7, 0.8], picture: { jpeg: picture, where, viewImage } })
    expect(findings.found).toHaveLength(1)
    expect(findings.rows).toHaveLength(3)
  })

  test('a row names the view with the highest score of each event, the first of equal ones', () => {
    const box = { x: 0, y: 0, width: 1, height: 1 }
    const view = (id: string, scores: Record<string, number>) => ({
      view: { id, kind: 'crop', box, subject: box, zones: {}, motion: 0, settled: 0, still: false } as const,
      pixels: null,
      embedding: new Float32Array(2),
      scores,
      rawScores: scores,
      judgements: {},
    })
    const findings = createFindings()
    const views = [
      view('whole', { person_walking: 0.4 }),
      view('zone-gate', { dog: 0.2 }),
      view('crop-1', { person_walking: 0.9 }),
      view('crop-2', { person_walking: 0.9 }),
    ]
    findings.take({ ...frame(0, 0.9), scores: { person_walking: 0.9, dog: 0.2, car: 0 }, views })
    expect({ ...findings.rows[0]?.deciders }).toEqual({
      person_walking: { id: 'crop-1', subject: box },
      dog: { id: 'zone-gate', subject: box },
    })
  })
})

describe('the contact sheet', () => {
  const rows = [0.1, 0.9, 0.2].map((score, seq) => {
    return { seq, at: 61_000 + seq * 1000, motion: 0, scores: { person_walking: score }, rawScores: {}, deciders: {} }
  })
  const sheet = { facts, thresholds: { person_walking: 0.5, dog: 0.5 }, rows, found: [finding] }
  const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)]

  test('is a PNG, the same for the same findings, and another for others', async () => {
    const [one, two, other] = await Promise.all([
      contactSheet(sheet),
      contactSheet(sheet),
      contactSheet({ ...sheet, found: [{ ...finding, event: { ...event, topScore: 0.5 } }] }),
    ])
    expect(one.subarray(1, 4).toString()).toBe('PNG')
    expect(one.equals(two)).toBe(true)
    expect(one.equals(other)).toBe(false)
  })

  test('grows by rows of three, up to sixty frames; without any it shows the scores alone', async () => {
    const of = async (count: number) => sizeOf(await contactSheet({ ...sheet, found: Array(count).fill(finding) }))
    const [width, none = 0] = await of(0)
    expect(width).toBe(1920)
    const [, one = 0] = await of(1)
    expect(one).toBeGreaterThan(none)
    expect(await of(3)).toEqual([width, one])
    expect(await of(4)).toEqual([width, one + (one - none)])
    expect(await of(61)).toEqual([width, none + 20 * (one - none)])
  })

  test('a video without a single frame has a sheet too', async () => {
    expect(sizeOf(await contactSheet({ ...sheet, rows: [], found: [] }))[0]).toBe(1920)
  })
})
