import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EventImages } from '../../../src/sinks/createEventImages.ts'
import { createImagePublisher } from '../../../src/sinks/mqtt/createImagePublisher.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'
import type { EventChange } from '../../../src/types.ts'
import { change, drawable } from '../../support/change.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A publisher whose drawings the test answers; `sent` are the messages as `topic=payload`. */
function setUp() {
  const sent: string[] = []
  const known = new Set(['front', 'yard'])
  const drawing: ((images: EventImages) => void)[] = []
  const publisher = createImagePublisher({
    topics: createTopics('w'),
    announcer: { knows: camera => known.has(camera) },
    retained: {
      set: (topic, payload, options) => {
        expect(options).toEqual({ keep: false })
        sent.push(`${topic}=${typeof payload === 'string' ? payload : Buffer.from(payload).toString()}`)
      },
      keeps: () => false,
      isSettled: () => true,
      connect: () => undefined,
      resend: () => undefined,
      flush: async () => undefined,
    },
    imagesOf: () => new Promise(resolve => drawing.push(resolve)),
  })
  const answer = async (index: number, images: EventImages) => {
    drawing[index]?.(images)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { ...publisher, sent, known, drawing, answer, take: () => sent.splice(0) }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const drawn = (name: string): EventImages => ({ snapshot: bytes(`${name} boxed`), crop: bytes(`${name} crop`) })
const withText = (one: EventChange, text: string): EventChange => ({ ...one, snapshot: bytes(text) })
const cropped = (id: string, type: 'new' | 'update' = 'new', camera = 'front') =>
  withText(drawable(id, type, { camera }), `${id} plain`)
const whole = (id: string) => withText(change('update', id, 1), `${id} whole`)
const [SNAPSHOT, CROP] = ['w/front/person_walking/snapshot', 'w/front/person_walking/crop']

it('publishes the snapshot of a start at once, then the one with the box and the crop', async () => {
  const { publish, answer, take } = setUp()
  publish(cropped('a'))
  expect(take()).toEqual([`${SNAPSHOT}=a plain`])
  await answer(0, drawn('a'))
  expect(take()).toEqual([`${SNAPSHOT}=a boxed`, `${CROP}=a crop`])
})

it('publishes the snapshot of an update once, with its box', async () => {
  const { publish, answer, take } = setUp()
  publish(cropped('a', 'update'))
  expect(take()).toEqual([])
  await answer(0, drawn('a'))
  expect(take()).toEqual([`${SNAPSHOT}=a boxed`, `${CROP}=a crop`])
})

it('empties the crop when the whole image decided, once', async () => {
  const { publish, answer, take } = setUp()
  // An earlier run may have left one.
  publish(whole('a'))
  expect(take()).toEqual([`${SNAPSHOT}=a whole`, `${CROP}=`])
  publish(whole('b'))
  expect(take()).toEqual([`${SNAPSHOT}=b whole`])
  publish(cropped('c', 'update'))
  await answer(0, drawn('c'))
  publish(whole('d'))
  expect(take().slice(2)).toEqual([`${SNAPSHOT}=d whole`, `${CROP}=`])
})

it('publishes the plain snapshot and no crop when nothing could be drawn', async () => {
  const { publish, answer, take } = setUp()
  publish(cropped('a', 'update'))
  await answer(0, { snapshot: bytes('a plain'), crop: null })
  expect(take()).toEqual([`${SNAPSHOT}=a plain`, `${CROP}=`])
})

it('never replaces newer images with older ones', async () => {
  const { publish, answer, take } = setUp()
  publish(cropped('a', 'update'))
  publish(cropped('b', 'update'))
  await answer(1, drawn('b'))
  await answer(0, drawn('a'))
  expect(take()).toEqual([`${SNAPSHOT}=b boxed`, `${CROP}=b crop`])
  publish(cropped('c', 'update'))
  publish(whole('d'))
  await answer(2, drawn('c'))
  expect(take()).toEqual([`${SNAPSHOT}=d whole`, `${CROP}=`])
})

it('the plain snapshot of a newer start is not replaced by an older drawing', async () => {
  const { publish, answer, take } = setUp()
  publish(cropped('a', 'update'))
  publish(cropped('b'))
  expect(take()).toEqual([`${SNAPSHOT}=b plain`])
  await answer(0, drawn('a'))
  expect(take()).toEqual([])
  await answer(1, drawn('b'))
  expect(take()).toEqual([`${SNAPSHOT}=b boxed`, `${CROP}=b crop`])
})

it('another camera does not matter', async () => {
  const { publish, answer, take } = setUp()
  publish(cropped('a', 'update'))
  publish(cropped('b', 'update', 'yard'))
  await answer(1, drawn('b'))
  await answer(0, drawn('a'))
  expect(take().map(line => line.split('/')[1])).toEqual(['yard', 'yard', 'front', 'front'])
})

it('publishes nothing for a camera that is removed, also during the drawing', async () => {
  const { publish, answer, take, known, drawing } = setUp()
  publish(cropped('a', 'update'))
  known.delete('front')
  await answer(0, drawn('a'))
  publish(cropped('b'))
  expect(take()).toEqual([])
  expect(drawing).toHaveLength(1)
})

it('at the end, publishes the plain snapshot of what is still being drawn after the timeout', async () => {
  const { publish, answer, flush, take } = setUp()
  publish(cropped('a', 'update'))
  publish(cropped('b', 'update', 'yard'))
  const flushed = flush(1000)
  await answer(1, drawn('b'))
  expect(take()).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1000)
  await flushed
  expect(take()).toEqual([`${SNAPSHOT}=a plain`, `${CROP}=`])
  await answer(0, drawn('a'))
  expect(take()).toEqual([])
})
