import { describe, expect, test } from 'vitest'
import type { Camera } from '../../../../src/demo/world/createCamera.ts'
import { figureLimbs } from '../../../../src/demo/world/items/figureLimbs.ts'
import { type Limb, type PersonLook, STRIDE_METRES } from '../../../../src/demo/world/items/limb.ts'

/** Looks from the side without perspective: picture x = metres forward, picture y = metres up. */
const SIDE: Camera = {
  placement: { position: [0, -20, 1], yaw: 0, pitch: 0, focal: 1 },
  project: (x, _y, z) => [x, z, 1],
  scaleAt: () => 1,
  polygon: () => [],
  ground: () => null,
}
const LOOK: PersonLook = {
  height: 1.75,
  skin: [1, 1, 1],
  hair: [1, 1, 1],
  top: [1, 1, 1],
  bottom: [1, 1, 1],
  shoes: [1, 1, 1],
  coat: false,
  skirt: false,
  longHair: false,
  hat: false,
  bag: 'none',
  umbrella: false,
  bagColour: [1, 1, 1],
}

function limbs(travelled: number, stride: number, look: Partial<PersonLook> = {}): Limb[] {
  return figureLimbs(SIDE, { ...LOOK, ...look }, { x: 0, y: 0, heading: 0, travelled, stride })
}

const steps = Array.from({ length: 40 }, (_, i) => (i / 40) * STRIDE_METRES)
const feetOf = (all: readonly Limb[]) => all.filter(({ name }) => name === 'shoe')
const apart = (all: readonly Limb[]) => {
  const [a, b] = feetOf(all)
  return Math.abs((a?.from[0] ?? 0) - (b?.from[0] ?? 0))
}

describe('figureLimbs', () => {
  test('a standing person keeps both feet together, however far it has come', () => {
    for (const travelled of steps) expect(apart(limbs(travelled, 0))).toBeCloseTo(0, 9)
  })

  test('a walking one strides: feet far apart twice a cycle, together twice', () => {
    const gaps = steps.map(travelled => apart(limbs(travelled, 1)))
    expect(Math.max(...gaps)).toBeGreaterThan(0.5)
    expect(Math.min(...gaps)).toBeLessThan(0.1)
    const wide = gaps.filter((gap, i) => gap > (gaps.at(i - 1) ?? 0) && gap >= (gaps[(i + 1) % gaps.length] ?? 0))
    expect(wide).toHaveLength(2)
  })

  test('the walk repeats after two steps', () => {
    const [now, later] = [limbs(0.3, 1), limbs(0.3 + STRIDE_METRES, 1)]
    now.forEach((limb, i) => {
      expect(later[i]?.to[0]).toBeCloseTo(limb.to[0], 6)
      expect(later[i]?.to[1]).toBeCloseTo(limb.to[1], 6)
    })
  })

  test('nothing reaches below the ground or above the head', () => {
    for (const travelled of steps) {
      for (const { from, to, radius, endRadius } of limbs(travelled, 1)) {
        expect(Math.min(from[1] - radius, to[1] - endRadius)).toBeGreaterThan(-0.03)
        expect(Math.max(from[1] + radius, to[1] + endRadius)).toBeLessThan(1.75 + 0.1)
      }
    }
  })

  test('taller people are larger in every limb', () => {
    const [small, tall] = [limbs(0, 0, { height: 1.6 }), limbs(0, 0, { height: 1.9 })]
    small.forEach((limb, i) => {
      expect(tall[i]?.radius).toBeCloseTo((limb.radius * 1.9) / 1.6, 9)
    })
  })

  test('a carried bag is drawn', () => {
    const names = (look: Partial<PersonLook>) => limbs(0, 1, look).map(({ name }) => name)
    expect(names({})).not.toContain('bag')
    expect(names({ bag: 'backpack' })).toContain('bag')
    expect(names({ bag: 'shopping' })).toContain('bag')
    expect(names({ umbrella: true })).toContain('umbrella')
  })
})
