import { describe, expect, test } from 'vitest'
import { atmosphereAt } from '../../../src/demo/world/atmosphere.ts'

const CYCLE = { light: 'cycle', weather: 'cycle', seed: 1 } as const

describe('atmosphereAt', () => {
  test('a fixed light and weather never change', () => {
    const options = { light: 'dusk', weather: 'rain', seed: 1 } as const
    for (let t = 0; t < 600; t += 7) {
      expect(atmosphereAt(options, t)).toMatchObject({ light: 'dusk', weather: 'rain', next: null })
    }
  })

  test('a change fades over seconds: the fractions of both looks meet in the middle', () => {
    const steps = Array.from({ length: 200 }, (_, i) => atmosphereAt(CYCLE, 65 + i / 10))
    const dusk = steps.map(({ light, next }) => (light === 'dusk' ? 1 - (next?.fraction ?? 0) : (next?.fraction ?? 0)))
    expect(dusk[0]).toBe(0)
    expect(dusk.at(-1)).toBe(1)
    dusk.forEach((share, i) => {
      expect(share - (dusk[i - 1] ?? 0)).toBeGreaterThanOrEqual(0)
      expect(share - (dusk[i - 1] ?? 0)).toBeLessThan(0.05)
    })
  })

  test('clouds come and go, slowly', () => {
    const clouds = Array.from({ length: 1200 }, (_, t) => atmosphereAt({ ...CYCLE, weather: 'clear' }, t).cloud)
    expect(Math.min(...clouds)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...clouds)).toBeLessThanOrEqual(1)
    expect(Math.max(...clouds) - Math.min(...clouds)).toBeGreaterThan(0.5)
    clouds.forEach((cloud, i) => {
      expect(Math.abs(cloud - (clouds[i - 1] ?? cloud))).toBeLessThan(0.15)
    })
  })
})
