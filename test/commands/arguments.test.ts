import { Command, InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { count, eventNames, eventsOption, fraction, names, positive } from '../../src/commands/arguments.ts'

test('reads numbers and lists', () => {
  expect(positive('0.5')).toBe(0.5)
  expect(count('3')).toBe(3)
  expect(names(' a, b,')).toEqual(['a', 'b'])
  expect([fraction('0'), fraction('0.999')]).toEqual([0, 0.999])
  expect(eventNames('dog,cat,dog')).toEqual(['dog', 'cat'])
  expect(eventNames('dog, a red car ')).toEqual(['dog', 'a red car'])
})

test.each(['1', '-0.1', 'NaN', 'abc', '', '30%'])('%j is not a fraction', text => {
  expect(() => fraction(text)).toThrow(`at least 0 and below 1, got "${text}"`)
})

test('help shows a list as it would be typed', () => {
  const command = new Command('any').addOption(eventsOption('what to look for'))
  expect(command.opts().events).toEqual(['person_walking', 'vehicle_stopping', 'crowded_scene'])
  expect(command.helpInformation().replace(/\s+/g, ' ')).toContain(
    '(default: person_walking,vehicle_stopping,crowded_scene)',
  )
})

test.each([
  ['count', () => count('0.3'), 'Expected a whole number above 0, got "0.3"'],
  ['positive', () => positive('-1'), 'Expected a number above 0, got "-1"'],
  ['names', () => names(' ,'), 'Expected at least one name'],
  ['a near event', () => eventNames('dog,persn_walking'), 'has no "persn_walking"; did you mean `person_walking`?'],
  ['a far event', () => eventNames('earthquake'), 'has no "earthquake"; known events: person_walking'],
])('%s: a wrong value is a usage error', (_, read, message) => {
  expect(read).toThrow(InvalidArgumentError)
  expect(read).toThrow(message)
})
