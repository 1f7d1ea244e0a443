/** The demo as accuracy test: scenes of held-out seeds are rendered, read by `detect`, and compared with the truth. */

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_EVENTS } from '../../src/config/promptLibrary.ts'
import { heldOutScenes, judge, type Recording, type Report, record } from '../support/accuracy.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

/** Few and short: a figure per event needs hours of scenes (`npm run bench -- accuracy`). This notices a regression. */
const SCENES = 3
const SECONDS = 120

/** A limit against hanging. Rendering and two passes take a minute on a quiet machine of two cores. */
const LIMIT_MS = 600_000

const dir = sharedFolder()
const recordings: Recording[] = []
let exact: Report

beforeAll(async () => {
  process.env.WATCHWORD_DATA = join(dir, 'data')
  for (const scene of heldOutScenes(SCENES, SECONDS)) recordings.push(await record(scene, dir))
  exact = await judge(recordings, 'fp32')
}, LIMIT_MS)
afterAll(() => {
  delete process.env.WATCHWORD_DATA
})

test('every event is there to be found', () => {
  for (const event of DEFAULT_EVENTS) expect(exact[event].truths, event).toBeGreaterThan(0)
})

// Of the bundled model the gate refuses `slim-50`, and `pruned-30` when it sees enough pictures (bench, `demo-variants`).
describe.each(['fp32', 'fp16', 'int8', 'int4', 'pruned-20'])('%s', variant => {
  let report: Report
  beforeAll(async () => {
    report = variant === 'fp32' ? exact : await judge(recordings, variant)
    console.log(table(variant, report))
  }, LIMIT_MS)

  test('finds the true events and few others', () => {
    const total = pooled(report)
    expect(total.f1).toBeGreaterThanOrEqual(0.85)
    expect(total.falseAlarms).toBeLessThanOrEqual(3)
  })

  test('decides as fp32 does', () => {
    // One of about twenty events is 0.05; ffmpegs of another age encode other pictures.
    expect(Math.abs(pooled(report).f1 - pooled(exact).f1)).toBeLessThanOrEqual(variant === 'pruned-20' ? 0.1 : 0.06)
  })
})

/** All events as one: each has few spans in six minutes. */
function pooled(report: Report): { f1: number; falseAlarms: number } {
  const all = DEFAULT_EVENTS.map(event => report[event])
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0)
  return {
    f1: (2 * sum(one => one.matched)) / sum(one => one.truths + one.found),
    falseAlarms: sum(one => one.falseAlarms),
  }
}

function table(variant: string, report: Report): string {
  const lines = DEFAULT_EVENTS.map(event => {
    const { truths, found, precision, recall, f1, onsetMs, startMs, falseAlarms } = report[event]
    const shares = [precision, recall, f1].map(share => share.toFixed(2)).join(' / ')
    return `  ${event}: ${truths} true, ${found} found, precision / recall / F1 ${shares}, onset ${onsetMs} ms, start ${startMs} ms, ${falseAlarms} false alarms`
  })
  return [`${variant}, ${SCENES} scenes of ${SECONDS} s:`, ...lines].join('\n')
}
