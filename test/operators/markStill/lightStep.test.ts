import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Brightness,
  brightnessOf,
  type LightState,
  lightStep,
} from '../../../src/operators/markStill/lightStep.ts'
import type { Light } from '../../../src/types.ts'

/** Lights of frames that are `periodMs` apart. */
function lights(frames: readonly Brightness[], periodMs = 500): Light[] {
  let state: LightState | null = null
  return frames.map((measured, i) => {
    state = lightStep(state, measured, i * periodMs)
    return state.light
  })
}

const times = (count: number, measured: Brightness) => Array.from({ length: count }, () => measured)
const changes = (found: readonly Light[]) => found.filter((light, i) => i > 0 && light !== found[i - 1])

const DAY = { luma: 120, chroma: 30 }
const NIGHT = { luma: 25, chroma: 10 }
const INFRARED = { luma: 70, chroma: 1 }

function picture(size: number, [red, green, blue]: readonly [number, number, number]): Uint8Array {
  const pixels = new Uint8Array(size * size * 3)
  for (let p = 0; p < pixels.length; p += 3) pixels.set([red, green, blue], p)
  return pixels
}

describe('brightnessOf', () => {
  test.each([1, 2, 55, 56, 57, 224, 336])('gives the means of a plain image of %d pixels a side', size => {
    const { luma, chroma } = brightnessOf(picture(size, [10, 20, 50]), size)
    expect(luma).toBeCloseTo((10 + 40 + 50) / 4, 6)
    expect(chroma).toBeCloseTo(40, 6)
  })

  test('reads every part of the image', () => {
    const size = 224
    const pixels = picture(size, [0, 0, 0])
    pixels.fill(200, (pixels.length * 3) / 4)
    expect(brightnessOf(pixels, size).luma).toBeCloseTo(50, 0)
  })

  test('leaves out what lies under masks', () => {
    const size = 224
    const pixels = picture(size, [0, 0, 0])
    pixels.fill(200, (pixels.length * 3) / 4)
    const hidden = Uint8Array.from({ length: 28 * 28 }, (_, i) => Number(i < (28 * 28 * 3) / 4))
    expect(brightnessOf(pixels, size, hidden).luma).toBeCloseTo(200, 0)
    expect(brightnessOf(pixels, size, hidden.fill(1))).toEqual({ luma: 0, chroma: 0 })
  })
})

describe('lightStep', () => {
  test('the first frame is judged at once, a black image as night', () => {
    expect([DAY, NIGHT, INFRARED, { luma: 0, chroma: 0 }].map(frame => lights([frame])[0])).toEqual([
      'day',
      'night',
      'infrared',
      'night',
    ])
  })

  test('a camera switches to infrared and back with the second frame', () => {
    const frames = [...times(3, NIGHT), ...times(3, INFRARED), ...times(3, DAY)]
    expect(lights(frames)).toEqual([...repeat('night', 4), ...repeat('infrared', 3), ...repeat('day', 2)])
  })

  test('one colourless frame, or headlights of two seconds at night, change nothing', () => {
    const frames = [DAY, INFRARED, DAY, ...times(10, DAY)]
    expect(changes(lights(frames))).toEqual([])
    const passing = [...times(10, NIGHT), ...times(4, DAY), ...times(10, NIGHT), ...times(4, DAY), NIGHT]
    expect(changes(lights(passing))).toEqual([])
  })

  test('a lamp that stays on is day after three seconds', () => {
    const found = lights([...times(4, NIGHT), ...times(20, DAY)], 500)
    expect(found.indexOf('day')).toBe(4 + 6)
  })

  test('a clock that is set back begins the waiting again', () => {
    let state = lightStep(null, NIGHT, 100_000)
    state = lightStep(state, DAY, 101_000)
    state = lightStep(state, DAY, 1000)
    expect(state.light).toBe('night')
    state = lightStep(lightStep(state, DAY, 2000), DAY, 4000)
    expect(state.light).toBe('day')
  })

  const level = fc.record({
    luma: fc.double({ min: 0, max: 255, noNaN: true }),
    chroma: fc.double({ min: 0, max: 255, noNaN: true }),
  })
  const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 20, maxLength: 100 })

  test('a constant image with noise changes its light at most once', () => {
    fc.assert(
      fc.property(level, noise, ({ luma, chroma }, deviations) => {
        const frames = deviations.map(deviation => ({ luma: luma + deviation, chroma: chroma + deviation }))
        // Once: the first frame may lie on the other side of a bound than all others.
        expect(changes(lights(frames)).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('without noise it never changes', () => {
    fc.assert(
      fc.property(level, measured => {
        expect(changes(lights(times(50, measured)))).toEqual([])
      }),
    )
  })

  test('dusk and dawn, however slow and noisy, change the light once each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 2000 }), fc.integer({ min: 1, max: 1000 }), (count, seed) => {
        const fade = Array.from({ length: count }, (_, i) => ({
          luma: 150 - (130 * i) / (count - 1) + 4 * Math.sin(i * seed),
          chroma: 25,
        }))
        const dusk = [...fade, ...times(20, { luma: 20, chroma: 25 })]
        expect(changes(lights(dusk))).toEqual(['night'])
        const dawn = [...fade.toReversed(), ...times(20, DAY)]
        expect(changes(lights(dawn))).toEqual(['day'])
      }),
    )
  })
})

function repeat(light: Light, count: number): Light[] {
  return Array.from({ length: count }, () => light)
}
