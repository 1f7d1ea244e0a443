import { expect, test } from 'vitest'
import { learnVideo } from '../../../src/commands/detect/learnVideo.ts'
import type { Encoder } from '../../../src/types.ts'
import { sceneFrame, walker } from '../../operators/views/scenes.ts'
import { numberedVideo, placeOf } from '../../support/numberedVideo.ts'

function placeEncoder(): Encoder & { readonly encoded: number[] } {
  const encoded: number[] = []
  return {
    encoded,
    maxBatch: 8,
    encode: async pictures => {
      encoded.push(...pictures.map(placeOf))
      return { variant: 'fp32', embeddings: pictures.map(picture => Float32Array.of(placeOf(picture))), seconds: 0 }
    },
  }
}

async function learn(frames: number, secondsApart: number) {
  const encoder = placeEncoder()
  const worlds = await learnVideo(numberedVideo(frames, secondsApart), encoder, { crops: 0, zones: [] })
  const images = worlds.get('whole') ?? []
  return { places: images.map(([place]) => place), encoded: encoder.encoded }
}

test('every frame of a short video, in order', async () => {
  const { places } = await learn(240, 0.5)
  expect(places).toEqual(Array.from({ length: 240 }, (_, i) => i))
})

test('a video of less than a minute gives no images', async () => {
  expect((await learn(200, 0.25)).places).toEqual([])
})

test('of a long video every second, fourth, … frame, evenly spread, the same ones each time', async () => {
  const { places, encoded } = await learn(5000, 0.5)
  expect(encoded.length).toBeLessThan(2600)
  expect(places.length).toBeGreaterThan(500)
  expect(places.length).toBeLessThanOrEqual(1000)
  const steps = new Set(places.slice(1).map((place, i) => (place as number) - (places[i] as number)))
  expect([...steps]).toEqual([8])
  expect((await learn(5000, 0.5)).places).toEqual(places)
})

test('crops and windows of quiet places are learned apart', async () => {
  const frames = Array.from({ length: 120 }, (_, i) =>
    sceneFrame(i * 1000, i % 40 < 4 ? [] : [walker(20 + 3 * (i % 40))]),
  )
  const encoder = placeEncoder()
  async function* video() {
    yield* frames
  }
  const worlds = await learnVideo(video(), encoder, { crops: 2, zones: [] })
  expect([...worlds.keys()].sort()).toEqual(['crop', 'whole'])
  expect(worlds.get('whole')).toHaveLength(120)
  expect(worlds.get('crop')?.length).toBeGreaterThan(20)
})
