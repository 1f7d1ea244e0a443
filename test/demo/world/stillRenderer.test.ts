import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createStillRenderer } from '../../../src/demo/world/stillRenderer.ts'
import { createRandom } from '../../../src/util/random.ts'

const SIZE = { width: 160, height: 90 }

describe('createStillRenderer', () => {
  test('the same random stream yields the same still, independent of earlier ones', () => {
    const still = (studio: ReturnType<typeof createStillRenderer>, seed: number) => {
      const { draw, truth } = studio.still(createRandom(seed))
      return { truth, picture: createHash('sha256').update(draw()).digest('hex') }
    }
    const [one, other] = [createStillRenderer(SIZE, 2), createStillRenderer(SIZE, 2)]
    const forth = [1, 2, 3].map(seed => still(one, seed))
    const back = [3, 2, 1].map(seed => still(other, seed)).reverse()
    expect(back).toEqual(forth)
  })

  test('many stills hold every light, weather, kind, colour and deed', () => {
    const studio = createStillRenderer(SIZE)
    const truths = Array.from({ length: 400 }, (_, i) => studio.still(createRandom(`variety ${i}`)).truth)
    const objects = truths.flatMap(truth => truth.objects)
    const all = <T>(values: readonly T[]) => [...new Set(values)].sort()
    expect(all(truths.map(({ light }) => light))).toEqual(['day', 'dusk', 'infrared', 'night'])
    expect(all(truths.map(({ weather }) => weather))).toEqual(['clear', 'fog', 'rain'])
    expect(all(objects.map(({ kind }) => kind))).toEqual(['bicycle', 'bus', 'car', 'dog', 'person', 'truck', 'van'])
    expect(all(objects.map(({ colour }) => colour))).toHaveLength(9)
    expect(all(objects.map(({ action }) => action))).toEqual(
      expect.arrayContaining(['braking', 'driving', 'parked', 'riding', 'running', 'standing', 'stopped', 'walking']),
    )
    expect(truths.some(({ people }) => people === 0)).toBe(true)
    expect(truths.some(({ people }) => people >= 8)).toBe(true)
  })
})
