import { expect, test } from 'vitest'
import { learnVideo } from '../../../src/commands/detect/learnVideo.ts'
import type { EncodedFrame, Encoder, EventText, Frame, ScoringTexts, Signal } from '../../../src/types.ts'
import { WatchwordError } from '../../../src/util/errors.ts'
import { createRandom } from '../../../src/util/random.ts'
import { normalize } from '../../../src/util/vector.ts'
import { status } from '../../support/frames.ts'

const axis = (place: number) => Float32Array.from({ length: 8 }, (_, i) => (i === place ? 1 : 0))
const event = (name: string, place: number): EventText => ({
  event: name,
  positive: axis(place),
  contrast: [axis(6), axis(7)],
  levels: null,
})
const texts: ScoringTexts = {
  variant: 'fp32',
  logitScale: 100,
  calibration: { centre: 5, width: 1 },
  events: [event('van', 0), event('road', 1)],
}

/** The pixels carry the place of the frame; the vector shows the road always, and the van with `van(place)`. */
function encoder(van: (place: number) => boolean): Encoder & { readonly encoded: number[] } {
  const encoded: number[] = []
  return {
    encoded,
    maxBatch: 8,
    encode: async pictures => {
      const places = pictures.map(([low = 0, high = 0]) => low + 256 * high)
      encoded.push(...places)
      const embeddings = places.map(place => {
        const random = createRandom(place)
        const vector = Float32Array.from({ length: 8 }, () => random.normal(0, 0.01))
        vector[1] = 1
        if (van(place)) vector[0] = 0.5
        return normalize(vector)
      })
      return { variant: 'fp32', embeddings, seconds: 0 }
    },
  }
}

async function* video(frames: number, secondsApart: number, fault: Error | null = null): AsyncGenerator<Signal<Frame>> {
  yield status('video', 0, 'online')
  for (let seq = 0; seq < frames; seq++) {
    const pixels = Uint8Array.of(seq % 256, Math.floor(seq / 256), 0)
    const capturedAt = seq * secondsApart * 1000
    yield { kind: 'frame', camera: 'video', seq, capturedAt, pixels, size: 1, jpeg: null, problem: null }
  }
  if (fault !== null) throw fault
}

async function learn(frames: AsyncIterable<Signal<Frame>>, own = encoder(() => false), learned = texts) {
  const common: string[] = []
  const memory = await learnVideo(frames, {
    encoder: own,
    texts: learned,
    onStart: () => {},
    onCommon: name => common.push(name),
  })
  const fits = memory.fits({} as EncodedFrame)
  return { common, van: fits('van'), road: fits('road'), encoded: own.encoded }
}

test('learns each event’s quiet level from the whole video', async () => {
  const { van, encoded } = await learn(video(240, 0.5))
  expect(encoded).toHaveLength(240)
  expect(van?.images).toBe(240)
})

test('an event that the video shows all the time is judged by the model’s calibration', async () => {
  const { common, road } = await learn(video(240, 0.5))
  expect(common).toEqual(['road'])
  expect(road).toBeNull()
})

test('a video of less than a minute teaches nothing', async () => {
  const { van, common } = await learn(
    video(40, 0.25),
    encoder(() => true),
  )
  expect(van).toBeNull()
  expect(common).toEqual([])
})

test('of a long video every second, fourth, … frame is encoded, the same ones every time', async () => {
  const first = await learn(video(5000, 0.5))
  expect(first.encoded.length).toBeLessThan(2600)
  expect(first.van?.images).toBeLessThanOrEqual(1000)
  expect(first.van?.images).toBeGreaterThan(500)
  expect((await learn(video(5000, 0.5))).van).toEqual(first.van)
})

test('a damaged video teaches what was read before the damage; a bug is not hidden', async () => {
  const damaged = new WatchwordError('Cannot read', { code: 'video-damaged' })
  expect((await learn(video(240, 0.5, damaged))).van?.images).toBe(240)
  await expect(learn(video(240, 0.5, new TypeError('a bug')))).rejects.toThrow('a bug')
})

test('a model that knows its scale learns nothing and encodes nothing', async () => {
  const known = { ...texts, calibration: { centre: -2, width: 3, images: 1e6 } }
  const { van, encoded } = await learn(
    video(240, 0.5),
    encoder(() => false),
    known,
  )
  expect(van).toBeNull()
  expect(encoded).toEqual([])
})
