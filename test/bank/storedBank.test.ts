import { describe, expect, test } from 'vitest'
import { EMPTY_RESERVOIR, insert, type Reservoir } from '../../src/bank/reservoir.ts'
import { decodeBank, encodeBank, type StoredBank } from '../../src/bank/storedBank.ts'
import type { Light } from '../../src/types.ts'
import { bankEntry, DIM } from '../support/embeddings.ts'

const LIGHT: readonly Light[] = ['day', 'night', 'infrared']
const reservoir: Reservoir = Array.from({ length: 30 }, (_, i) =>
  bankEntry(i * 10_000 + 0.5, LIGHT[i % 3], i % 4 === 0 ? ['car', 'naïve'] : []),
).reduce(insert, { ...EMPTY_RESERVOIR, known: 17, admitted: { day: 900, night: 20, infrared: 0 } })
const bank: StoredBank = { camera: 'front', sha256: 'ab'.repeat(32), variant: 'int8', dim: DIM, reservoir }
const bytes = encodeBank(bank)

test('what was written is read again, every bit of it', () => {
  expect(decodeBank(bytes)).toEqual(bank)
})

test('an empty bank too, and one in the middle of a larger buffer', () => {
  const empty = { ...bank, reservoir: EMPTY_RESERVOIR }
  expect(decodeBank(encodeBank(empty))).toEqual(empty)
  const larger = new Uint8Array(bytes.length + 7)
  larger.set(bytes, 3)
  expect(decodeBank(larger.subarray(3, 3 + bytes.length))).toEqual(bank)
})

test('a thousand vectors of 512 numbers have about 1 MB', () => {
  const vector = new Uint16Array(512).fill(0x29a8) // 0.0442 = 1 / √512
  const entries = Array.from({ length: 1000 }, (_, i) => ({ ...bankEntry(i), vector }))
  const full = entries.reduce(insert, EMPTY_RESERVOIR)
  expect(encodeBank({ ...bank, dim: 512, reservoir: full }).length).toBeLessThan(1_100_000)
})

describe('bad bytes', () => {
  test('cut short anywhere', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(decodeBank(bytes.subarray(0, length)), `${length} bytes`).toMatch(/cut short|no bank file/)
  })

  test('any byte flipped', () => {
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.with(i, (bytes[i] ?? 0) ^ 0x10)
      expect(typeof decodeBank(flipped), `byte ${i}`).toBe('string')
    }
  })

  test('another version, another program', () => {
    expect(decodeBank(bytes.with(8, 2))).toBe('it has version 2, and this Watchword reads version 1')
    expect(decodeBank(new TextEncoder().encode('{"not": "a bank, but long enough"}'))).toBe('it is no bank file')
  })

  test.each([
    ['NaN', 0x7e00],
    ['zero', 0],
    ['infinity', 0x7c00],
  ])('vectors of %s, although the checksum is right', (_, half) => {
    const vector = new Uint16Array(DIM).fill(half)
    const spoiled = { ...bank, reservoir: insert(reservoir, { ...bankEntry(1), vector }) }
    expect(decodeBank(encodeBank(spoiled))).toBe('it has vectors that no model returns')
  })

  test('a header of another form, although the checksum is right', () => {
    const entry = { ...bankEntry(0), light: 'dusk' as Light }
    expect(decodeBank(encodeBank({ ...bank, reservoir: { ...reservoir, entries: [entry] } }))).toBe(
      'its header is wrong',
    )
    expect(decodeBank(encodeBank({ ...bank, camera: 5 as unknown as string }))).toBe('its header is wrong')
  })
})
