import { expect, it } from 'vitest'
import { mayBlameMessage, reasonText, refusalOf } from '../../../src/sinks/mqtt/reasonCodes.ts'

it('knows after which PUBACK a retry may succeed', () => {
  const busy = [0x80, 0x83, 0x89, 0x91, 0x93, 0x96, 0x97, 0xa1, 0xff]
  expect(busy.map(refusalOf)).toEqual(busy.map(() => 'busy'))
  expect([0x87, 0x90, 0x99].map(refusalOf)).toEqual(['refused', 'refused', 'refused'])
  expect(refusalOf(0x95)).toBe('too-large')
})

it('blames no message for a broker that shuts down, or that another client has taken over', () => {
  expect([0x89, 0x8b, 0x8d, 0x8e, 0x98, 0x9d, 0x9f].map(mayBlameMessage)).toEqual(Array(7).fill(false))
  expect([0x80, 0x81, 0x83, 0x87, 0x90, 0x95].map(mayBlameMessage)).toEqual(Array(6).fill(true))
})

it('has a text for every code', () => {
  expect(reasonText(0x97)).toBe('Quota exceeded')
  expect(reasonText(0xb0)).toBe('reason code 0xb0')
})
