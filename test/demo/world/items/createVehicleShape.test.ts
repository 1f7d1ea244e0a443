import { describe, expect, test } from 'vitest'
import { createVehicleShape, type VehicleKind } from '../../../../src/demo/world/items/createVehicleShape.ts'
import { type Face, normalOf } from '../../../../src/demo/world/items/faces.ts'

const KINDS: readonly VehicleKind[] = ['car', 'van', 'truck', 'bus']
const shapes = KINDS.flatMap(kind => [0, 1, 2].map(style => ({ kind, style, shape: createVehicleShape(kind, style) })))

const facesOf = (shape: (typeof shapes)[number]['shape']): Face[] => shape.parts.flatMap(part => [...part.faces])

describe.each(shapes)('createVehicleShape $kind $style', ({ shape }) => {
  test('every corner lies within its length, width and height', () => {
    for (const [x, y, z] of shape.corners) {
      expect(Math.abs(x)).toBeLessThanOrEqual(shape.length / 2 + 0.2)
      expect(Math.abs(y)).toBeLessThanOrEqual(shape.width / 2 + 0.08)
      expect(z).toBeGreaterThan(0)
      expect(z).toBeLessThanOrEqual(shape.height + 0.02)
    }
  })

  test('is the same left and right', () => {
    const mirrored = shape.corners.map(([x, y, z]) => [x, -y, z].map(value => value.toFixed(6)).join())
    const corners = new Set(shape.corners.map(corner => corner.map(value => value.toFixed(6)).join()))
    // −0 and 0 are one place.
    const missing = mirrored.filter(
      corner => !corners.has(corner) && !corners.has(corner.replace('-0.000000', '0.000000')),
    )
    expect(missing).toEqual([])
  })

  test('the windscreen faces forward in the front half, lamps are at the front and back', () => {
    const frontOf = (face: Face) => normalOf(face.points)[0]
    const middle = (face: Face) => face.points.reduce((sum, [x]) => sum + x, 0) / face.points.length
    const screens = facesOf(shape).filter(face => face.material === 'glass' && frontOf(face) > 0.3)
    expect(screens.length).toBe(1)
    expect(screens.every(face => middle(face) > 0)).toBe(true)
    const lamps = facesOf(shape).filter(({ material }) => material === 'lamp')
    expect(lamps.every(face => frontOf(face) > 0.9 && middle(face) > shape.length * 0.45)).toBe(true)
    const tails = facesOf(shape).filter(({ material }) => material === 'tail')
    expect(tails.every(face => frontOf(face) < -0.9 && middle(face) < -shape.length * 0.45)).toBe(true)
    expect([lamps.length, tails.length]).toEqual([2, 2])
  })
})
