import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BOX_STEPS, KINDS, LIGHTS, PROBLEMS, packSignals } from '../../src/history/packSignals.ts'
import type { StoredSignal } from '../../src/history/storedFrame.ts'
import { unpackSignals } from '../../src/history/unpackSignals.ts'
import { byName } from '../../src/util/byName.ts'
import { status } from '../support/frames.ts'

const step = fc.integer({ min: 0, max: BOX_STEPS }).map(steps => steps / BOX_STEPS)
const box = fc.record({ x: step, y: step, width: step, height: step })
const fraction = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })).map(value => value + 0)
const view = fc.record({
  id: fc.oneof(fc.constantFrom('whole', 'crop-1', 'crop-2', 'zone-yard'), fc.string()),
  kind: fc.constantFrom(...KINDS),
  box,
  subject: box,
  zones: fc.array(fc.tuple(fc.string(), fraction)).map(byName),
  motion: fraction,
  settled: fraction,
  still: fc.boolean(),
  reused: fc.boolean(),
  vector: fc.integer({ min: -1, max: 2 ** 31 }),
})
const frame = fc.record({
  kind: fc.constant('frame' as const),
  at: fc.integer({ min: 0, max: 4e12 }),
  seq: fc.nat(),
  size: fc.nat(1000),
  problem: fc.constantFrom(...PROBLEMS),
  light: fc.constantFrom(...LIGHTS),
  views: fc.uniqueArray(view, { maxLength: 6, selector: ({ id }) => id }),
})
const signal = fc.oneof(frame, fc.constantFrom(status('gate', 5, 'offline'), status('gate', 7.5, 'online')))

describe('packSignals', () => {
  test('what is unpacked is what was packed', () => {
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 20 }), signals => {
        expect(unpackSignals(packSignals(signals))).toEqual(signals)
      }),
    )
  })

  test('bytes cut short or changed are refused, or are signals: nothing else is thrown, and nothing grows', () => {
    fc.assert(
      fc.property(fc.array(signal, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(255), (signals, where, value) => {
        const bytes = packSignals(signals)
        bytes[where % bytes.length] = value
        expectSignalsOrRefusal(bytes)
        expectSignalsOrRefusal(bytes.subarray(0, where % bytes.length))
      }),
    )
  })

  test('a frame in which nothing changed takes ten bytes', () => {
    const still = (at: number): StoredSignal => ({
      kind: 'frame',
      at,
      seq: at / 1000,
      size: 256,
      problem: null,
      light: 'day',
      views: [
        {
          ...{ id: 'whole', kind: 'whole', zones: {}, motion: 0, settled: 0, still: true, reused: true, vector: 7 },
          box: { x: 0, y: 0, width: 1, height: 1 },
          subject: { x: 0, y: 0, width: 1, height: 1 },
        },
      ],
    })
    const length = (count: number) => packSignals(Array.from({ length: count }, (_, i) => still(1000 * (i + 1)))).length
    expect(length(101) - length(100)).toBeLessThanOrEqual(12)
  })
})

function expectSignalsOrRefusal(bytes: Uint8Array): void {
  try {
    unpackSignals(bytes)
  } catch (error) {
    expect(error instanceof RangeError || error instanceof SyntaxError, String(error)).toBe(true)
  }
}
