import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEventImages, LIMIT_MS } from '../../src/sinks/createEventImages.ts'
import type { WhereImages, WhereInput } from '../../src/sinks/drawWhere.ts'
import { drawable } from '../support/change.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const DRAWN: WhereImages = { snapshot: Uint8Array.of(8), crop: Uint8Array.of(9) }

/** Drawings that the test answers one by one. */
function setUp() {
  const telemetry = recordTelemetry()
  const drawing: { input: WhereInput; signal: AbortSignal; done(): void; fail(error: Error): void }[] = []
  const images = createEventImages({
    telemetry,
    draw: (input, signal) =>
      new Promise((resolve, reject) => {
        drawing.push({ input, signal, done: () => resolve(DRAWN), fail: reject })
      }),
  })
  return { ...images, telemetry, drawing }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

it('draws a change once for all sinks', async () => {
  const { imagesOf, drawing } = setUp()
  const one = drawable('a')
  const both = Promise.all([imagesOf(one), imagesOf(one)])
  expect(drawing).toHaveLength(1)
  expect(drawing[0]?.input).toEqual({ snapshot: one.snapshot, viewImage: one.viewImage, where: one.after.where })
  drawing[0]?.done()
  expect(await both).toEqual([DRAWN, DRAWN])
})

it('starts nothing for a change without snapshot, without what the model saw, or without a place', async () => {
  const { imagesOf, drawing } = setUp()
  const one = drawable('a')
  expect(await imagesOf({ ...one, viewImage: null })).toEqual({ snapshot: one.snapshot, crop: null })
  expect(await imagesOf({ ...one, snapshot: null })).toEqual({ snapshot: null, crop: null })
  expect(await imagesOf({ ...one, after: { ...one.after, where: null } })).toMatchObject({ crop: null })
  expect(drawing).toHaveLength(0)
})

it('draws two at once, the others in turn', async () => {
  const { imagesOf, drawing } = setUp()
  const all = ['a', 'b', 'c', 'd'].map(id => imagesOf(drawable(id)))
  expect(drawing).toHaveLength(2)
  drawing[1]?.done()
  await settle()
  expect(drawing).toHaveLength(3)
  for (const index of [0, 2, 3]) {
    drawing[index]?.done()
    await settle()
  }
  expect(await Promise.all(all)).toEqual([DRAWN, DRAWN, DRAWN, DRAWN])
})

it('gives the plain snapshot after a failure, reports it once, and reports that it works again', async () => {
  const { imagesOf, drawing, telemetry } = setUp()
  for (const [index, id] of ['a', 'b'].entries()) {
    const one = drawable(id)
    const images = imagesOf(one)
    drawing[index]?.fail(new Error('no memory'))
    expect(await images).toEqual({ snapshot: one.snapshot, crop: null })
  }
  expect(telemetry.of('SinkFailed')).toEqual([
    {
      type: 'SinkFailed',
      sink: 'snapshots',
      error: 'cannot draw where an event was, so its snapshot has no box, and there is no crop: no memory',
    },
  ])
  const images = imagesOf(drawable('c'))
  drawing[2]?.done()
  await images
  expect(telemetry.of('SinkRecovered')).toHaveLength(1)
})

it('answers within the limit when ffmpeg hangs, also those that wait, and starts no third process', async () => {
  const { imagesOf, drawing, telemetry } = setUp()
  const all = Array.from({ length: 20 }, (_, i) => imagesOf(drawable(`event-${i}`)))
  await vi.advanceTimersByTimeAsync(LIMIT_MS)
  expect((await Promise.all(all)).map(({ crop }) => crop)).toEqual(Array(20).fill(null))
  expect(drawing.map(({ signal }) => signal.aborted)).toEqual([true, true])
  // They have not ended yet.
  const later = imagesOf(drawable('later'))
  expect(drawing).toHaveLength(2)
  drawing[0]?.fail(new Error('killed'))
  await settle()
  expect(drawing).toHaveLength(3)
  drawing[2]?.done()
  expect(await later).toEqual(DRAWN)
  expect(telemetry.of('SinkFailed').map(({ error }) => error)).toEqual([expect.stringContaining('more than 5 s')])
})

it('lets few wait: the oldest that waits is not drawn', async () => {
  const { imagesOf, drawing } = setUp()
  const answered: number[] = []
  for (let i = 0; i < 2 + 33; i++) void imagesOf(drawable(`event-${i}`)).then(() => answered.push(i))
  await settle()
  expect(answered).toEqual([2])
  expect(drawing).toHaveLength(2)
})

it('after close, answers all with the plain snapshot, stops ffmpeg, and reports nothing', async () => {
  const { imagesOf, close, drawing, telemetry } = setUp()
  const all = ['a', 'b', 'c'].map(id => imagesOf(drawable(id)))
  close()
  expect((await Promise.all(all)).map(({ crop }) => crop)).toEqual([null, null, null])
  expect(await imagesOf(drawable('d'))).toMatchObject({ crop: null })
  expect(drawing.map(({ signal }) => signal.aborted)).toEqual([true, true])
  expect(telemetry.of('SinkFailed')).toEqual([])
})
