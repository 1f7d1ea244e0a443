import { expect, test } from 'vitest'
import { diffConfig } from '../../src/config/diffConfig.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'

const parse = (text: string) => parseConfig(text, 'x.yaml', { library: readLibrary(), env: {} }).config
const base = '{cameras: {a: {url: rtsp://h/1}, b: {url: rtsp://h/2}}'
const diff = (from: string, to: string) => diffConfig(parse(from), parse(to))
const nothing = { restarted: [], removed: [], renamed: [], events: false, needsRestart: [] }

test('nothing differs from itself', () => {
  expect(diff(`${base}}`, `${base}}`)).toEqual(nothing)
})

test('only the changed camera reconnects', () => {
  const to = '{cameras: {a: {url: rtsp://h/1, fps: 2}, c: {url: rtsp://h/3}}}'
  expect(diff(`${base}}`, to)).toEqual({ ...nothing, restarted: ['a', 'c'], removed: ['b'] })
})

test('other words or another choice of events reconnect no camera', () => {
  expect(diff(`${base}}`, `${base}, events: {dog: {use: dog}}}`)).toEqual({ ...nothing, events: true })
  const chosen = '{cameras: {a: {url: rtsp://h/1, events: [person_walking]}, b: {url: rtsp://h/2}}}'
  expect(diff(`${base}}`, chosen)).toEqual({ ...nothing, events: true })
})

test.each([
  'masks: [[[0, 0], [1, 0], [0, 0.5]]]',
  'detail: 720',
  'crops: 1',
  'zones: {door: [[0, 0], [1, 0], [1, 1]]}',
])('%s: the camera is opened again', keys => {
  const to = `{cameras: {a: {url: rtsp://h/1, ${keys}}}}`
  expect(diff('{cameras: {a: {url: rtsp://h/1}}}', to)).toEqual({ ...nothing, restarted: ['a'] })
})

test('other zones of an event reconnect no camera', () => {
  const camera = '{cameras: {a: {url: rtsp://h/1, zones: {gate: [[0, 0], [1, 0], [1, 1]]}'
  const tied = `${camera}, event_zones: {person_walking: [gate]}}}}`
  expect(diff(`${camera}}}}`, tied)).toEqual({ ...nothing, events: true })
})

test('what needs a new process is named', () => {
  expect(diff(`${base}}`, `${base}, model: {variant: fp32}, metrics: {port: 1}}`)).toEqual({
    ...nothing,
    needsRestart: ['model', 'metrics'],
  })
})

test('a camera that is only shown differently does not reconnect', () => {
  const to = '{cameras: {a: {url: rtsp://h/1, name: Tür, area: Garden}, constructor: {url: rtsp://h/2}}}'
  expect(diff('{cameras: {a: {url: rtsp://h/1}}}', to)).toEqual({
    ...nothing,
    restarted: ['constructor'],
    renamed: ['a'],
  })
})
