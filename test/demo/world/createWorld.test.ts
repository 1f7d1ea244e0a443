import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createWorld } from '../../../src/demo/world/createWorld.ts'
import { LIGHTS, VIEWS, type WorldOptions } from '../../../src/demo/world/world.ts'

const OPTIONS: WorldOptions = {
  seed: 'test',
  view: 'street',
  durationSeconds: 120,
  light: 'day',
  weather: 'clear',
  width: 160,
  height: 90,
  startTime: Date.UTC(2026, 1, 14, 8, 31),
}

const hashOf = (pixels: Uint8ClampedArray) => createHash('sha256').update(pixels).digest('hex')

describe('createWorld', () => {
  test.each(LIGHTS)('the same options yield the same bytes in any order of drawing: %s', light => {
    const options: WorldOptions = { ...OPTIONS, light, weather: 'rain' }
    const moments = [3.2, 20, 61.7, 8]
    const [there, back] = [createWorld(options), createWorld(options)]
    const forth = moments.map(t => hashOf(there.draw(t)))
    const reversed = [...moments].reverse().map(t => hashOf(back.draw(t)))
    expect(reversed.reverse()).toEqual(forth)
    expect(new Set(forth).size).toBe(moments.length)
  })

  test('another seed, view, light or weather changes the image', () => {
    const others: Partial<WorldOptions>[] = [
      {},
      { seed: 'other' },
      { view: 'plaza' },
      { view: 'crossing' },
      { light: 'night' },
      { weather: 'fog' },
    ]
    const hashes = others.map(other => hashOf(createWorld({ ...OPTIONS, ...other }).draw(30)))
    expect(new Set(hashes).size).toBe(others.length)
  })

  test('night is darker than day, and infrared is grey', () => {
    const mean = (light: WorldOptions['light']) => {
      const pixels = createWorld({ ...OPTIONS, light }).draw(10)
      return pixels.reduce((sum, value, i) => sum + (i % 4 === 3 ? 0 : value), 0) / (pixels.length * 0.75)
    }
    expect(mean('night')).toBeLessThan(mean('dusk'))
    expect(mean('dusk')).toBeLessThan(mean('day'))
    const grey = createWorld({ ...OPTIONS, light: 'infrared' }).draw(10)
    // The burnt-in line is coloured a little; everything below it is not.
    const below = grey.subarray(160 * 20 * 4)
    const coloured = below.some((value, i) => i % 4 === 0 && (value !== below[i + 1] || value !== below[i + 2]))
    expect(coloured).toBe(false)
  })

  test('light and weather of a cycle change with time, as the ground truth says', () => {
    const world = createWorld({ ...OPTIONS, durationSeconds: 600, light: 'cycle', weather: 'cycle' })
    const seen = new Set(Array.from({ length: 60 }, (_, i) => world.truthAt(i * 10).light))
    expect(seen).toEqual(new Set(LIGHTS))
  })

  test('people have at least a tenth of the image’s height', () => {
    for (const view of VIEWS) {
      const world = createWorld({ ...OPTIONS, view, durationSeconds: 600 })
      const heights = Array.from({ length: 300 }, (_, i) => world.truthAt(i * 2).objects)
        .flat()
        .filter(({ kind, visible }) => kind === 'person' && visible > 0.95)
        .map(({ box }) => box[3])
      expect(Math.max(...heights)).toBeGreaterThan(0.25)
      const small = heights.filter(height => height < 0.1).length
      expect(small / heights.length).toBeLessThan(0.1)
    }
  })

  test.each([
    [{ width: 0 }, '`width`'],
    [{ height: 90.5 }, '`height`'],
    [{ durationSeconds: Number.NaN }, '`durationSeconds`'],
  ])('%o is refused in one line', (wrong, word) => {
    expect(() => createWorld({ ...OPTIONS, ...wrong })).toThrow(word)
  })
})
