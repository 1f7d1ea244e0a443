import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { SceneObject, SceneTruth } from '../../src/demo/world/world.ts'
import { createRandom } from '../../src/util/random.ts'
import { cropsOf, truthInside } from '../../training/crops.ts'

function person(box: SceneObject['box'], visible = 1): SceneObject {
  return { id: 'person', kind: 'person', colour: 'red', action: 'walking', place: 'road', box, visible }
}

function truthOf(...objects: SceneObject[]): SceneTruth {
  return { at: 1, light: 'day', weather: 'clear', objects, people: objects.length }
}

test('the truth of a window has boxes in fractions of it', () => {
  const truth = truthInside(truthOf(person([0.3, 0.4, 0.1, 0.2])), [0.2, 0.2, 0.4, 0.4])
  expect(truth.people).toBe(1)
  expect(truth.objects[0]?.box.map(value => Number(value.toFixed(6)))).toEqual([0.25, 0.5, 0.25, 0.5])
})

test('somebody at the edge is cut, and as visible as the part inside', () => {
  const truth = truthInside(truthOf(person([0.5, 0.3, 0.2, 0.1], 0.8)), [0.2, 0.2, 0.4, 0.4])
  expect(truth.objects[0]?.box.map(value => Number(value.toFixed(6)))).toEqual([0.75, 0.25, 0.25, 0.25])
  expect(truth.objects[0]?.visible).toBeCloseTo(0.4)
  expect(truth.people).toBe(0)
})

test('who is outside, or hardly inside, is not part of it', () => {
  const window = [0.2, 0.2, 0.4, 0.4] as const
  expect(truthInside(truthOf(person([0.7, 0.3, 0.1, 0.1])), window).objects).toEqual([])
  expect(truthInside(truthOf(person([0.597, 0.3, 0.1, 0.1])), window).objects).toEqual([])
})

test('crops have the model’s size and show what their truth says', async () => {
  const [width, height, size] = [640, 360, 96]
  const red = { x: 400, y: 200, width: 20, height: 40 }
  const image = sharp({ create: { width, height, channels: 3, background: 'black' } }).composite([
    { input: { create: { ...red, channels: 3, background: '#f00' } }, left: red.x, top: red.y },
  ])
  const box = [red.x / width, red.y / height, red.width / width, red.height / height] as const
  const rendered = sharp(await image.png().toBuffer()).removeAlpha()
  const crops = await cropsOf({ image: rendered, width, height, truth: truthOf(person(box)), size }, createRandom(1))
  expect(crops.length).toBeGreaterThanOrEqual(2)
  for (const { pixels, truth } of crops) {
    expect(pixels.length).toBe(size * size * 3)
    const [object] = truth.objects
    const reds = Array.from({ length: size * size }, (_, i) => pixels[i * 3] as number).filter(value => value > 128)
    const expected = object === undefined ? 0 : object.box[2] * object.box[3] * size * size
    expect(Math.abs(reds.length - expected)).toBeLessThan(0.25 * expected + 30)
  }
  expect(crops[0]?.truth.objects).toHaveLength(1)
})
