import { expect, test } from 'vitest'
import type { Label } from '../../src/eval/labels/label.ts'
import { type TruthOptions, truthOf } from '../../src/eval/truthOf.ts'

const label = (event: string, from: number, to: number, rest: Partial<Label> = {}): Label => {
  return { event, from, to, unit: 'seconds', ignored: false, place: 'line 2', ...rest }
}
const OPTIONS: TruthOptions = {
  file: 'labels.csv',
  video: 'gate.mp4',
  fps: null,
  durationMs: 60_000,
  merges: true,
  eventOf: ({ event }) => event,
}
const truth = (labels: readonly Label[], options: Partial<TruthOptions> = {}) =>
  truthOf({ labels }, { ...OPTIONS, ...options })

test('seconds and frames become ms', () => {
  const labels = [label('dog', 1.5, 2), label('dog', 50, 75, { unit: 'frames' })]
  const { events } = truth(labels, { fps: 12.5 })
  expect(events.get('dog')?.truths).toEqual([
    { from: 1500, to: 2000 },
    { from: 4000, to: 6000 },
  ])
})

test('overlapping spans of an event are merged and counted, or stay as they are', () => {
  const labels = [label('dog', 5, 9), label('cat', 5, 9), label('dog', 8, 12), label('dog', 1, 2)]
  const merged = truth(labels)
  expect(merged.merged).toBe(1)
  expect(merged.events.get('dog')?.truths).toEqual([
    { from: 1000, to: 2000 },
    { from: 5000, to: 12_000 },
  ])
  const separate = truth(labels, { merges: false })
  expect(separate.merged).toBe(0)
  expect(separate.events.get('dog')?.truths.map(({ from }) => from)).toEqual([1000, 5000, 8000])
})

test('uncertain spans stand apart, those of * for all events', () => {
  const { events, ignored } = truth([label('dog', 5, 9, { ignored: true }), label('*', 20, 30), label('dog', 1, 2)])
  expect(events.get('dog')).toEqual({ truths: [{ from: 1000, to: 2000 }], ignored: [{ from: 5000, to: 9000 }] })
  expect(ignored).toEqual([{ from: 20_000, to: 30_000 }])
})

test('a label of an event that is not evaluated is counted', () => {
  const { events, skipped } = truth([label('dog', 1, 2), label('cat', 1, 2)], {
    eventOf: ({ event }) => (event === 'cat' ? null : event),
  })
  expect([[...events.keys()], skipped]).toEqual([['dog'], 1])
})

test('an end just after the video is the video’s end', () => {
  expect(truth([label('dog', 55, 60.9)]).events.get('dog')?.truths).toEqual([{ from: 55_000, to: 60_000 }])
})

test.each([
  [label('dog', -1, 2), 'labels.csv, line 2: Expected the span to begin at 0 or later, got -1 s'],
  [label('dog', 3, 2), 'labels.csv, line 2: Expected the span to end after it begins, got 3 s to 2 s'],
  [label('dog', 3, 3), 'labels.csv, line 2: Expected the span to end after it begins, got 3 s to 3 s'],
  [label('dog', 5, 62), 'labels.csv, line 2: the span ends at 62 s, but gate.mp4 ends at 60 s'],
  [label('dog', 60.5, 60.9), 'labels.csv, line 2: the span begins at 60.5 s, but gate.mp4 ends at 60 s'],
  [
    label('dog', 5, 9, { unit: 'frames' }),
    'labels.csv, line 2: Expected a frame rate for frame numbers, and neither the labels nor the video states one',
  ],
])('refused: %#', (wrong, message) => {
  expect(() => truth([wrong])).toThrow(message)
})

test('of a video of unknown length, no span is too late', () => {
  expect(truth([label('dog', 5000, 6000)], { durationMs: null }).events.get('dog')?.truths.length).toBe(1)
})
