/** Damaged and random labels: labels or one clear line, never another error, never a hang. */

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLabels } from '../../../src/eval/labels/readLabels.ts'
import { truthOf } from '../../../src/eval/truthOf.ts'
import { WatchwordError } from '../../../src/util/errors.ts'
import { createRandom } from '../../../src/util/random.ts'
import { mutateText } from '../../support/mutate.ts'

const FOLDER = new URL('../../fixtures/labels/', import.meta.url)
const originals = readdirSync(FOLDER).map(name => readFileSync(new URL(name, FOLDER), 'utf8'))

/** Whether the text could be read, all the way to true spans. */
function isRead(text: string): boolean {
  try {
    for (const video of readLabels({ file: 'a.txt', text }).videos) {
      const options = { file: 'a.txt', video: 'a.mp4', fps: 25, durationMs: 120_000, merges: true }
      for (const { truths } of truthOf(video, { ...options, eventOf: ({ event }) => event }).events.values())
        for (const { from, to } of truths) expect(from >= 0 && to > from && to <= 120_000, text).toBe(true)
    }
    return true
  } catch (error) {
    expect(error, text).toBeInstanceOf(WatchwordError)
    expect((error as WatchwordError).code, text).toBe('labels-invalid')
    expect((error as WatchwordError).message, text).toMatch(/^a\.txt(, [^\n]+)?: [^\n]+$/)
    return false
  }
}

test('thousands of damaged files of every format', () => {
  const random = createRandom('labels')
  const answers = { read: 0, refused: 0 }
  for (let i = 0; i < 4000; i++) {
    if (isRead(mutateText(random.pick(originals), random))) answers.read++
    else answers.refused++
  }
  expect(Math.min(answers.read, answers.refused)).toBeGreaterThan(300)
})

test('any text, also with the beginning of a format', () => {
  const begin = fc.constantFrom(
    '',
    '{',
    '[',
    '<annotations>',
    'event,from,to\n',
    '1\n00:00:00,000 --> ',
    '{"spans":',
    '<',
  )
  fc.assert(
    fc.property(begin, fc.string({ unit: 'binary', maxLength: 200 }), (start, text) => {
      isRead(start + text)
    }),
    { numRuns: 2000 },
  )
})

test('any JSON in the places of a labels file', () => {
  const values = fc.jsonValue()
  const shapes = fc.oneof(
    values,
    values.map(spans => ({ spans })),
    values.map(events => ({ events })),
    fc.record({ data: values, annotations: fc.array(fc.record({ result: values })) }),
    fc.array(fc.record({ data: fc.constant({}), annotations: fc.constant([{ result: [{ value: {} }] }]) })),
    fc.array(
      fc.record({ video: values, box: fc.array(fc.record({ sequence: values, labels: values, ranges: values })) }),
    ),
  )
  fc.assert(
    fc.property(shapes, value => {
      isRead(JSON.stringify(value))
    }),
    { numRuns: 2000 },
  )
})

test('ten megabytes of one thing, of every format', { timeout: 300_000 }, () => {
  const much = (text: string) => text.repeat(Math.ceil(10_000_000 / text.length))
  const texts = [
    much('['),
    `{"spans": ${much('[')}`,
    `{"spans": [${much('{"event":"a","from":1,"to":2},')}{"event":"a","from":1,"to":2}]}`,
    much('<a>'),
    `<annotations>${much('<track label="a"><box frame="1"/>')}`,
    `<annotations>${much('<track label="a"><box frame="1"/></track>')}</annotations>`,
    `event,from,to\n${much('"')}`,
    `event,from,to\n${much('a,1,2\n')}`,
    `event,from,to\n${much(',')}`,
    much('1\n00:00:01,000 --> 00:00:02,000\na\n\n'),
    `1\n00:00:01,000 --> ${much('0')}`,
    `1\n00:00:01,000 --> 00:00:02,000\n${much('x ')}`,
    much('\n'),
    much('a'),
  ]
  for (const text of texts) isRead(text)
})
