import { describe, expect, test } from 'vitest'
import { createCamera } from '../../../src/demo/world/createCamera.ts'

const camera = createCamera({ position: [2, -1, 5], yaw: 0.3, pitch: 0.35, focal: 480 })

describe('createCamera', () => {
  test('a spot on the ground comes back from its pixel', () => {
    for (const [x, y] of [
      [0, 9],
      [6, 14],
      [-3, 20],
    ] as const) {
      const [u, v, depth] = camera.project(x, y, 0)
      const spot = camera.ground(u, v)
      expect(spot?.[0]).toBeCloseTo(x, 6)
      expect(spot?.[1]).toBeCloseTo(y, 6)
      expect(spot?.[2]).toBeCloseTo(depth, 6)
    }
  })

  test('a point on the optical axis is in the middle of the image', () => {
    const along = 10
    const [x, y] = [2 + along * Math.sin(0.3), -1 + along * Math.cos(0.3)]
    const [u, v, depth] = camera.project(x, y, 5 - along * Math.tan(0.35))
    expect([u, v]).toEqual([expect.closeTo(320, 6), expect.closeTo(180, 6)])
    expect(depth).toBeCloseTo(along / Math.cos(0.35), 6)
  })

  test('heights shrink with depth', () => {
    const height = (distance: number) => {
      const [x, y] = [2 + distance * Math.sin(0.3), -1 + distance * Math.cos(0.3)]
      return camera.project(x, y, 0)[1] - camera.project(x, y, 1.75)[1]
    }
    expect(height(8)).toBeGreaterThan(height(16) * 1.5)
  })

  test('the sky has no ground', () => {
    expect(camera.ground(320, -400)).toBeNull()
  })

  test('a polygon that reaches behind the lens is cut, one wholly behind it disappears', () => {
    const strip = camera.polygon([
      [-1, -30, 0],
      [1, -30, 0],
      [1, 30, 0],
      [-1, 30, 0],
    ])
    expect(strip.length).toBeGreaterThanOrEqual(4)
    expect(strip.flat().every(Number.isFinite)).toBe(true)
    const behind = camera.polygon([
      [-1, -30, 0],
      [1, -30, 0],
      [0, -20, 0],
    ])
    expect(behind).toEqual([])
  })
})
