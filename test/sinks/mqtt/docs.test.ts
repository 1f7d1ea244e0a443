/** docs/mqtt.md names every topic and every field, and no other. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createRequests } from '../../../src/commands/run/createRequests.ts'
import {
  changePayload,
  recordOf,
  SCHEMA_VERSION,
  statusPayload,
  wherePayload,
  whyPayload,
} from '../../../src/sinks/eventPayload.ts'
import { discoveryTopic } from '../../../src/sinks/mqtt/discoveryDevice.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'
import { WHOLE_IMAGE } from '../../../src/util/polygon.ts'
import { change } from '../../support/change.ts'
import { status } from '../../support/frames.ts'

const docs = readFileSync('docs/mqtt.md', 'utf8')
const section = (title: string) => docs.split(/^## /m).find(part => part.startsWith(title)) ?? ''
const firstCells = (text: string) =>
  [...text.matchAll(/^\| (`.*?`(?:, `.*?`)*) *\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(.*?)`/g)].map(([, name = '']) => name),
  )

it('has every topic', () => {
  const topics = createTopics('watchword')
  const devices = ['CAMERA', null].map(device => discoveryTopic('homeassistant', 'watchword', device))
  const made = Object.entries(topics)
    .filter(([name]) => !['request', 'requestName', 'retainedFilters', 'imagesOfState'].includes(name))
    .map(([name, topic]) => {
      if (typeof topic === 'string') return topic.replace('request/+', 'request/NAME')
      if (name === 'healthCheck') return topic('CHECK', 'SUBJECT')
      if (name === 'threshold') return topic('EVENT', '')
      return topic(name === 'response' ? 'NAME' : 'CAMERA', 'EVENT')
    })
  const words = { CAMERA: '<camera>', EVENT: '<event>', NAME: '<name>', CHECK: '<check>', SUBJECT: '<subject>' }
  const spelled = [...made, ...devices, 'homeassistant/status'].map(topic =>
    Object.entries(words).reduce((text, [word, shown]) => text.replace(word, shown), topic),
  )
  expect(firstCells(section('Topics')).sort()).toEqual(spelled.sort())
})

it('has every field of a change, of an event and of a status', () => {
  const payload = changePayload(recordOf(change('new', 'a', 0)), { recordedAt: 0, sentAt: null, replayed: false })
  const where = wherePayload({ box: WHOLE_IMAGE, zones: [], view: 'whole' })
  const why = whyPayload({ for: 'a car', against: null, margin: 0, aboveQuiet: null, odds: null })
  const fields = [payload, payload.after, where, why].flatMap(Object.keys)
  expect(firstCells(section('`watchword/events`'))).toEqual(fields)
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(docs)?.[1] ?? '')
  expect(Object.keys(example)).toEqual(Object.keys(payload))
  expect(Object.keys(example.after)).toEqual(Object.keys(payload.after))
  expect(Object.keys(example.after.where)).toEqual(Object.keys(where))
  expect(Object.keys(example.after.why)).toEqual(Object.keys(why))
  expect(example.schema_version).toBe(SCHEMA_VERSION)
  const published = statusPayload(status('', 0, 'online'))
  const line = docs.split('\n').find(each => each.includes('/status`')) ?? ''
  for (const field of Object.keys(published).filter(name => name !== 'schema_version'))
    expect(line).toContain(`\`${field}\``)
})

it('has every request', async () => {
  const request = createRequests({
    cameras: () => [],
    events: () => [],
    lacksZone: () => false,
    request: () => undefined,
    reload: async () => [],
    health: () => new Map(),
    answer: async () => ({}),
    snapshotTimeoutMs: 1,
  })
  const answer = await request('?', {}).catch((error: Error) => error.message)
  const known = /known requests: (.*)$/.exec(String(answer))?.[1]?.split(', ')
  expect(firstCells(section('Requests'))).toEqual(known)
})
