/** Golden files, written after the public documentation of each format. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Label } from '../../../src/eval/labels/label.ts'
import { readLabels } from '../../../src/eval/labels/readLabels.ts'
import { WatchwordError } from '../../../src/util/errors.ts'

const read = (name: string) => {
  const file = new URL(`../../fixtures/labels/${name}`, import.meta.url)
  return readLabels({ file: name, text: readFileSync(file, 'utf8') })
}

/** `person_walking? 4.8–13.8 seconds (line 2)` */
const line = ({ event, ignored, from, to, unit, place }: Label) =>
  `${event}${ignored ? '?' : ''} ${from}–${to} ${unit} (${place})`

const lines = (name: string) => read(name).videos.map(({ video, labels }) => [video, ...labels.map(line)])

test('ground truth of `demo`', () => {
  expect(lines('street.json')).toEqual([
    [
      [],
      'person_walking 4.8–13.8 seconds (spans[0])',
      'vehicle_stopping 20–31.5 seconds (spans[1])',
      'vehicle_stopping? 30–40 seconds (spans[2])',
      'dog? 50–52 seconds (spans[3])',
    ],
  ])
  expect(read('street.json')).toMatchObject({ format: 'spans', merges: false })
})

test('events of `detect`', () => {
  expect(lines('events.json')).toEqual([[['street.mp4'], 'person_walking 5–14.25 seconds (events[0])']])
})

test('a table of several videos: quoted cells, lines inside of them, times in both forms, a quiet video', () => {
  expect(lines('videos.csv')).toEqual([
    [['clips/street, north.mp4'], 'person_walking 4.8–13.8 seconds (line 2)'],
    [['clips/gate.mp4'], 'a red car 62.5–65 seconds (line 4)', 'dog? 70–71.25 seconds (line 5)'],
    [['quiet.mp4']],
  ])
})

test('a table with semicolons and decimal commas, of the video beside it', () => {
  expect(lines('semicolons.csv')).toEqual([
    [[], 'person_walking 4.8–13.8 seconds (line 2)', 'dog? 20–21 seconds (line 3)'],
  ])
})

test('subtitles, also as `detect` writes them', () => {
  expect(lines('street.srt')).toEqual([
    [
      [],
      'person walking 4.8–13.8 seconds (line 2)',
      'a red car 62.5–65 seconds (line 6)',
      'dog? 62.5–65 seconds (line 6)',
    ],
  ])
})

test('tracks of CVAT: frames of the video from 0; outside ends a span; the last one lasts one step', () => {
  expect(lines('cvat.xml')).toEqual([
    [
      ['gate.mp4'],
      'person_walking 10–20 frames (line 35)',
      'person_walking 60–100 frames (line 35)',
      'person_walking? 15–40 frames (line 47)',
      'dog 0–5 frames (line 55)',
    ],
  ])
  expect(read('cvat.xml')).toMatchObject({ format: 'cvat', merges: true, videos: [{ fps: null }] })
})

test('Label Studio: frames from 1, both ends included; a rectangle is there until a keyframe is not enabled', () => {
  expect(lines('label-studio.json')).toEqual([
    [
      ['/data/upload/1/5f0e1c22-gate.mp4', '5f0e1c22-gate.mp4', 'gate.mp4'],
      'person walking 2–5 frames ([0].annotations[0].result[0])',
      'dog? 10–50 frames ([0].annotations[0].result[1])',
      'dog? 100–250 frames ([0].annotations[0].result[1])',
    ],
    [['cameras/yard north.mp4', 'yard north.mp4']],
  ])
  expect(read('label-studio.json').videos.map(({ fps }) => fps)).toEqual([25, null])
})

test('Label Studio, JSON-MIN; ranges that are not whole numbers are seconds', () => {
  expect(lines('label-studio-min.json')).toEqual([
    [
      ['/data/upload/1/5f0e1c22-gate.mp4', '5f0e1c22-gate.mp4', 'gate.mp4'],
      'person walking 1.5–4 seconds ([0].videoLabels[0])',
      'dog 7–8 seconds ([0].videoLabels[1])',
      'cat 7–8 seconds ([0].videoLabels[1])',
      'bark 2.25–3 seconds ([0].speech[0])',
    ],
  ])
})

const message = (text: string): string => {
  try {
    readLabels({ file: 'a.txt', text })
  } catch (error) {
    expect(error).toBeInstanceOf(WatchwordError)
    return (error as WatchwordError).message
  }
  throw new Error(`Expected an error for ${text.slice(0, 80)}`)
}

test('a mistake is one line with the file and the place', () => {
  const cases: [string, string][] = [
    ['  \n', 'a.txt: the file is empty'],
    ['{"spans": [], "events": []}', 'a.txt: Expected either `spans` or `events`, got both'],
    [
      '{"spans": [{"event": "dog", "from": "x", "to": 2}]}',
      'a.txt, spans[0].from: Expected a number of seconds, got "x"',
    ],
    ['{"spans": 3}', 'a.txt, spans: Expected a list of spans, got 3'],
    ['{"events": [{"event": "dog"}]}', 'a.txt, events[0].start_time: Expected a number of seconds, got nothing'],
    ['event,from\ndog,2', 'a.txt: Expected labels as JSON'],
    ['event,from,to\ndog,2,soon', 'a.txt, line 2: Expected `to` to be seconds or hh:mm:ss.mmm, got "soon"'],
    ['event,from,to\n\ndog,2', 'a.txt, line 3: Expected `to` to be seconds or hh:mm:ss.mmm, got ""'],
    ['event,from,to\n,2,3', 'a.txt, line 2: Expected the name of an event, got nothing'],
    ['event,from,to\n"dog,2,3\n', 'a.txt, line 2: Expected a closing quote, got the end of the file'],
    ['1\n00:00:01,000 --> soon\ndog', 'a.txt, line 2: Expected two times such as 00:00:04,800 --> 00:00:13,800'],
    ['1\n00:00:01,000 --> 00:00:02,000\ndog\n\nhello', 'a.txt, line 5: Expected a number or two times'],
    [
      '<annotations><track label="dog"><box frame="x"/></track></annotations>',
      'a.txt, line 1: Expected `frame` of <box>',
    ],
    ['<annotations>\n<image id="0"/></annotations>', 'a.txt, line 2: Expected tracks, got <image>'],
    ['<annotations>\n<track/></annotations>', 'a.txt, line 2: Expected a `label` of <track>, got nothing'],
    ['<html></html>', 'a.txt, line 1: Expected <annotations>, got <html>'],
    ['<annotations>', 'a.txt, line 1: Expected XML: unclosed tag: annotations'],
    ['[]', 'a.txt: Expected tasks of Label Studio, got an empty list'],
    ['[3]', 'a.txt, [0]: Expected a task of Label Studio, got 3'],
    ['[{"data": {}, "annotations": [{"result": []}, {"result": []}]}]', 'a.txt, [0]: Expected one annotation, got 2'],
    [
      '[{"data": {}, "annotations": [{"result": [{"value": {"ranges": [{"start": 1}]}}]}]}]',
      'a.txt, [0].annotations[0].result[0].ranges[0].end: Expected a number, got nothing',
    ],
  ]
  for (const [text, expected] of cases) {
    expect(message(text)).toContain(expected)
    expect(message(text)).not.toContain('\n')
  }
})

test('damaged JSON is found by its line', () => {
  expect(message('{\n"spans": [\n{"event": "dog" "from": 2}]}')).toMatch(/^a\.txt, line 3: Expected JSON: /)
})

test('entities of a document type are not expanded', () => {
  const bomb =
    '<!DOCTYPE a [<!ENTITY b "dog dog"><!ENTITY c "&b;&b;">]><annotations><meta><task><source>&c;</source></task></meta></annotations>'
  expect(message(bomb)).toContain('Expected XML: undefined entity')
})

test('one track more than the most is refused', () => {
  const text = `event,from,to\n${'dog,1,2\n'.repeat(100_001)}`
  expect(message(text)).toBe('a.txt: Expected at most 100000 labels, got more')
})
