import { expect, it } from 'vitest'
import { messageOf, WatchwordError } from '../../src/util/errors.ts'
import { shorten } from '../../src/util/shorten.ts'

it('the message of anything is one line, and bounded', () => {
  expect(messageOf(new Error(' a \r\n\n  b\n'))).toBe('a b')
  expect(messageOf('text')).toBe('text')
  expect(messageOf(new Error('x'.repeat(2_000_000))).length).toBeLessThan(6000)
  expect(messageOf(new Error(' '.repeat(64_000)))).toBe('')
})

it('each line of an error is bounded, and all lines stay', () => {
  const { message } = new WatchwordError(`first\n${'x'.repeat(2_000_000)}\nlast`, { code: 'config-invalid' })
  expect(message.length).toBeLessThan(6000)
  expect(message).toMatch(/^first\nx+… \(2000000 characters\)\nlast$/)
})

it('a shortened text names its length and ends with a whole character', () => {
  expect(shorten('short')).toBe('short')
  expect(shorten('abcdef', 3)).toBe('abc… (6 characters)')
  expect(shorten('ab😀', 3)).toBe('ab… (4 characters)')
})
