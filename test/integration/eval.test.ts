/** `watchword eval` as a user runs it, on a scene of the demo with its truth. */

import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_EVENTS } from '../../src/config/promptLibrary.ts'
import { judge, type Recording, record } from '../support/accuracy.ts'
import { dataDirectory, runCommand } from '../support/product.ts'

/** A limit against hanging. */
const LIMIT_MS = 600_000

let data: ReturnType<typeof dataDirectory>
let recording: Recording
const evaluate = (...args: string[]) => runCommand(['eval', ...args], data.path)

interface LabelSpan {
  readonly event: string
  readonly from: number
  readonly to: number
}

function writeSpans(name: string, spans: readonly LabelSpan[]): string {
  const path = join(data.path, name)
  writeFileSync(path, JSON.stringify({ video: basename(recording.video), spans }))
  return path
}

beforeAll(async () => {
  data = dataDirectory()
  process.env.WATCHWORD_DATA = data.path
  recording = await record(
    { seed: 'held-out-0', view: 'plaza', light: 'day', weather: 'clear', durationSeconds: 75 },
    data.path,
  )
}, LIMIT_MS)
afterAll(() => {
  delete process.env.WATCHWORD_DATA
  data.remove()
})

/** As `demo --labels` writes them. */
const trueSpans = (): LabelSpan[] =>
  DEFAULT_EVENTS.flatMap(event =>
    recording.truths[event].map(({ from, to }) => ({ event, from: from / 1000, to: to / 1000 })),
  )

test('its numbers are those of the benchmark', { timeout: LIMIT_MS }, async () => {
  const labels = writeSpans('truth.json', trueSpans())
  const events = DEFAULT_EVENTS.join(',')
  const { code, stdout } = await evaluate(labels, '--events', events, '--json', '--output-dir', join(data.path, 'out'))
  expect(code).toBe(0)
  const [result] = JSON.parse(stdout).variants
  const expected = await judge([recording], 'int8')
  expect(expected.person_walking.truths).toBeGreaterThan(0)
  let again = 0
  for (const event of DEFAULT_EVENTS) {
    const { truths, found, f1, precision, recall, falseAlarms, onsetMs } = expected[event]
    const own = result.events.find((each: { event: string }) => each.event === event)
    expect(own, event).toMatchObject({ true: truths, found, false_alarms: falseAlarms })
    for (const [got, wanted] of [
      [own.f1, f1],
      [own.precision, precision],
      [own.recall, recall],
    ])
      expect(got, event).toBeCloseTo(wanted, 6)
    expect(own.onset_median ?? Number.NaN, event).toBeCloseTo(onsetMs / 1000, 3)
    // The curve holds the threshold that is set: detected again from the scores, the events are the same.
    for (const point of own.curve) {
      if (Math.abs(point.threshold - own.threshold) > 1e-9) continue
      expect(point.f1, event).toBe(own.f1)
      again++
    }
  }
  expect(again).toBeGreaterThan(0)
})

test('wrong labels: exit code 1 with a line, and images of each mistake in a page that makes no request', {
  timeout: LIMIT_MS,
}, async () => {
  const labels = writeSpans('wrong.json', [
    { event: 'vehicle_stopping', from: 1, to: 3 },
    { event: 'person walking', from: 0.5, to: 1.5 },
  ])
  const out = join(data.path, 'wrong')
  const { code, stdout, output } = await evaluate(labels, '--min-f1', '0.9', '--output-dir', out)
  expect(code).toBe(1)
  expect(output).toMatch(/^watchword: mean F1 of int8 is 0\.\d{3}, below 0\.9$/m)
  expect(stdout).toMatch(/^report: .*report\.html$/m)
  const html = readFileSync(join(out, 'report.html'), 'utf8')
  const withoutImages = html.replaceAll(/data:image\/jpeg;base64,[A-Za-z0-9+/=]+/g, '')
  expect(withoutImages).not.toMatch(/(https?:)?\/\/[a-z]|<script|<link|@import|url\(/i)
  expect(withoutImages).toContain("default-src 'none'")
  const { variants, videos } = JSON.parse(readFileSync(join(out, 'eval.json'), 'utf8'))
  const events = videos[0].variants[0].events as { missed: unknown[]; wrong: { false_alarm: boolean }[] }[]
  const missed = events.flatMap(event => event.missed).length
  const alarms = events.flatMap(event => event.wrong).filter(wrong => wrong.false_alarm).length
  expect(missed).toBe(2)
  expect(alarms).toBe(variants[0].total.false_alarms)
  expect(alarms).toBeGreaterThan(0)
  const images = html.match(/src="data:image\/jpeg;base64,[A-Za-z0-9+/=]{1000,}"/g) ?? []
  // Two of each miss, unless the middle has the highest score; one of each false alarm.
  expect(images.length).toBeGreaterThanOrEqual(missed + alarms)
  expect(images.length).toBeLessThanOrEqual(2 * missed + alarms)
})

test('a mistake in the labels is one line, before any video is read', { timeout: LIMIT_MS }, async () => {
  const labels = writeSpans('late.json', [{ event: 'person_walking', from: 70, to: 90 }])
  const { code, output } = await evaluate(labels)
  expect(code).toBe(1)
  expect(output).toContain(`late.json, spans[0]: the span ends at 90 s, but ${basename(recording.video)} ends at 75 s`)
  expect((await evaluate(writeSpans('typo.json', [{ event: 'persn_walking', from: 1, to: 2 }]))).output).toContain(
    'typo.json, spans[0]: The prompt library has no "persn_walking"; did you mean `person_walking`?',
  )
  expect((await evaluate(labels, '--overlap', '2')).code).toBe(2)
})
