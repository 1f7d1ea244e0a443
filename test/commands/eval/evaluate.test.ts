/** The evaluation of labels with a stand-in for detection: numbers, notes, outputs. */

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { from } from 'rxjs'
import { expect, test } from 'vitest'
import { createFindings } from '../../../src/commands/detect/findings.ts'
import { evalJson } from '../../../src/commands/eval/evalJson.ts'
import { evalText } from '../../../src/commands/eval/evalText.ts'
import { type EvaluateDeps, type EvaluateLabelsOptions, evaluate } from '../../../src/commands/eval/evaluate.ts'
import { readFound } from '../../../src/commands/eval/readFound.ts'
import { evalPage } from '../../../src/commands/report/evalPage.ts'
import { detect } from '../../../src/operators/detect.ts'
import { PRESENT } from '../../support/detectRun.ts'
import { scored } from '../../support/frames.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const OPTIONS: EvaluateLabelsOptions = { model: 'demo', variant: ['int8'], calibrate: 'own', crops: 0, overlap: 0.5 }
const JPEG = new Uint8Array(3000).fill(7)

/** @param curves variant → scores of the event `dog`, a second apart */
function detectorOf(curves: Readonly<Record<string, readonly number[]>>): EvaluateDeps {
  return {
    detect: async (video, { variant, events }, { onOutcome }) => {
      const frames = (curves[variant] ?? []).map((dog, i) => scored('video', i * 1000, { dog }, { seq: i, jpeg: JPEG }))
      const rules = new Map([['dog', PRESENT]])
      const findings = createFindings()
      from(frames)
        .pipe(detect({ rules: () => rules, updateEveryMs: 0, gapMs: 30_000 }))
        .subscribe(outcome => {
          onOutcome?.(outcome)
          findings.take(outcome)
        })
      const facts = {
        video,
        model: 'demo',
        variant,
        scoring: 'two-way',
        sampling: { fps: 1 },
        frames: frames.length,
      } as const
      expect(events).toEqual(['dog'])
      return { findings, facts, rules, thresholds: { dog: 0.6 } } as const
    },
  }
}

function labelsOf(text: string): string {
  const dir = temporaryFolder()
  copyFileSync('test/fixtures/video/car.mp4', join(dir, 'car.mp4'))
  writeFileSync(join(dir, 'car.csv'), text)
  return join(dir, 'car.csv')
}

// The video of the fixtures lasts about 12 seconds. Found: 1 to 4 s and 6 to 8 s.
const CURVE = [0.1, 0.9, 0.8, 0.7, 0.1, 0.1, 0.7, 0.9, 0.1, 0.1]

test('pairs, misses, false alarms, and the same events at the threshold that is set', async () => {
  const labels = labelsOf('event,from,to\ndog,1,3.5\ndog,2,4\ndog,4.5,5.5\ncat,1,2\n')
  const evaluation = await evaluate([labels], { ...OPTIONS, events: ['dog'] }, {}, detectorOf({ int8: CURVE }))
  const [summary] = evaluation.variants
  expect(summary?.events[0]?.accuracy).toMatchObject({ truths: 2, found: 2, matched: 1, falseAlarms: 1, f1: 0.5 })
  expect(summary?.events[0]?.curve.find(({ threshold }) => threshold === 0.6)?.accuracy).toEqual(
    summary?.events[0]?.accuracy,
  )
  // At 0.75 the event of 6 s begins at 7 s; at 0.95 nothing is found.
  expect(summary?.events[0]?.curve.at(-1)?.accuracy.found).toBe(0)
  expect(evaluation.notes).toEqual([
    `${labels}: 1 span overlapped another one of its event and was merged with it`,
    `${labels}: 1 label of other events left out`,
  ])
  const [result] = evaluation.videos[0]?.results ?? []
  const [missed] = result?.events[0]?.matches.missed ?? []
  expect(missed).toEqual({ from: 4500, to: 5500 })
  expect(result?.events[0]?.moments.get(missed as NonNullable<typeof missed>)?.middle.at).toBe(5000)
})

test('uncertain spans take a find out of the count', async () => {
  const labels = labelsOf('event,from,to\ndog,1,4\ndog?,6,8\n')
  const { variants } = await evaluate([labels], OPTIONS, {}, detectorOf({ int8: CURVE }))
  expect(variants[0]?.total).toMatchObject({ truths: 1, found: 1, f1: 1, falseAlarms: 0 })
})

test('the mean leaves out events of which nothing was there and nothing found; variants stand side by side', async () => {
  const labels = labelsOf('event,from,to\ndog,1,4\n')
  const options = { ...OPTIONS, variant: ['int8', 'fp32'] }
  const evaluation = await evaluate([labels], options, {}, detectorOf({ int8: CURVE, fp32: CURVE.slice(0, 6) }))
  expect(evaluation.variants.map(({ variant, meanF1 }) => [variant, meanF1])).toEqual([
    ['int8', 2 / 3],
    ['fp32', 1],
  ])
  const text = evalText(evaluation)
  expect(text).toMatch(/^int8 +dog +1 +2 +0\.500 +1\.000 +0\.667 +0\.500 /m)
  expect(text).toMatch(/^fp32: mean F1 1\.000 of 1 event, 0 false alarms in 0\.01 hours of 1 video$/m)
  expect(JSON.parse(evalJson(evaluation)).variants.map((each: { mean_f1: number }) => each.mean_f1)).toEqual([
    0.666667, 1,
  ])
})

test('nothing there and nothing found is perfect', async () => {
  const labels = labelsOf('video,event,from,to\ncar.mp4,,,\n')
  const { variants } = await evaluate([labels], { ...OPTIONS, events: ['dog'] }, {}, detectorOf({ int8: [0.1, 0.1] }))
  expect(variants[0]).toMatchObject({ meanF1: 1, meanOf: 0, events: [{ averagePrecision: null }] })
})

test('frame numbers need no rate of their own: that of the video counts, or the one that is given', async () => {
  const dir = temporaryFolder()
  copyFileSync('test/fixtures/video/car.mp4', join(dir, 'car.mp4'))
  const file = join(dir, 'car.json')
  const result = [{ value: { ranges: [{ start: 11, end: 20 }], timelinelabels: ['dog'] } }]
  writeFileSync(file, JSON.stringify([{ data: { video: 'car.mp4' }, annotations: [{ result }] }]))
  const spansAt = async (options: Partial<EvaluateLabelsOptions>) =>
    (await evaluate([file], { ...OPTIONS, ...options }, {}, detectorOf({ int8: CURVE }))).videos[0]?.truth.events.get(
      'dog',
    )?.truths
  expect(await spansAt({ labelFps: 20 })).toEqual([{ from: 500, to: 1000 }])
  const [own] = (await spansAt({})) ?? []
  expect((own?.to ?? 0) / (own?.from ?? 0)).toBeCloseTo(2)
})

test('the page shows a bounded number of images and says how many were left out', async () => {
  const wave = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 0.9 : 0.1))
  const labels = labelsOf('video,event,from,to\ncar.mp4,,,\n')
  const evaluation = await evaluate([labels], { ...OPTIONS, events: ['dog'] }, {}, detectorOf({ int8: wave }))
  const html = evalPage(evaluation)
  expect(html).toContain('False alarms: 30')
  // Without true spans there is no recall to draw.
  expect(html).not.toContain('other thresholds')
  expect(html.match(/<img /g)).toHaveLength(20)
  expect(html).toContain('10 of 30 are left out, so that the page stays small: see --json.')
  expect(html).not.toMatch(/https?:\/\/|<script/)
})

test('names from labels are escaped in the page', async () => {
  const dir = temporaryFolder()
  copyFileSync('test/fixtures/video/car.mp4', join(dir, '<b onload=x>.mp4'))
  const file = join(dir, 'a.csv')
  writeFileSync(file, 'video,event,from,to\n<b onload=x>.mp4,dog,1,4\n')
  const html = evalPage(await evaluate([file], OPTIONS, {}, detectorOf({ int8: CURVE })))
  expect(html).not.toContain('<b onload')
})

test('an address as video is refused without showing its password', async () => {
  const labels = labelsOf('event,from,to\ndog,1,4\n')
  const video = 'rtsp://me:secret@10.0.0.5/live'
  const error = await evaluate([labels], { ...OPTIONS, video }, {}, detectorOf({})).catch((thrown: unknown) => thrown)
  expect(String(error)).toContain('Expected a video file or a folder of images, got a URL')
  expect(String(error)).not.toContain('secret')
})

test('events that an earlier run found, without a model', async () => {
  const labels = labelsOf('event,from,to\ndog,1,4\ndog,6,8\n')
  const file = join(temporaryFolder(), 'events.json')
  const event = { id: '1', event: 'dog', start_time: 1.5, end_time: 4, top_score: 0.9, top_time: 2, where: null }
  writeFileSync(file, JSON.stringify({ model: 'demo', variant: 'int4', frames: 9, fps: 4, events: [event] }))
  const { detect, variant } = await readFound(file)
  const evaluation = await evaluate([labels], { ...OPTIONS, variant: [variant] }, {}, { detect })
  expect(evaluation.variants[0]?.total).toMatchObject({ truths: 2, found: 1, matched: 1 })
  expect(evalText(evaluation)).toMatch(/^int4 +dog +2 +1 +1\.000 +0\.500 +0\.667 +— +— +— +0\.0$/m)
  const html = evalPage(evaluation)
  expect(html).not.toContain('other thresholds')
  expect(html).toContain('Missed: 1')
  expect(JSON.parse(evalJson(evaluation)).variants[0].events[0]).toMatchObject({ threshold: null, onset_median: null })
  await expect(readFound(labels)).rejects.toMatchObject({ code: 'json-invalid' })
  const many = labelsOf('video,event,from,to\ncar.mp4,dog,1,2\n./car.csv,dog,1,2\n')
  await expect(evaluate([many], { ...OPTIONS, onlyOne: true }, {}, { detect })).rejects.toMatchObject({
    message: 'Expected the labels of one video with --found, got those of 2',
  })
})
