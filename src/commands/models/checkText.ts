/** Formats the report of `watchword models check`. */

import type { CheckReport } from './checkModel.ts'
import type { NumberCheck } from './checkNumbers.ts'
import { table } from './printModels.ts'

export function checkText({ name, numbers, words }: CheckReport): string {
  return [numbersText(name, numbers), wordsText(words)].join('\n\n')
}

function numbersText(name: string, numbers: readonly NumberCheck[] | null): string {
  if (numbers === null) return `There are no reference numbers for ${name}`
  const rows = numbers.map(({ state, what, expected, found, tolerance }) => [
    state,
    what,
    tolerance === null ? `${expected} or more` : `${expected} ± ${tolerance}`,
    found === null ? '–' : found.toFixed(4),
  ])
  const count = (state: NumberCheck['state']) => numbers.filter(each => each.state === state).length
  const summary = `${count('pass')} of ${numbers.length - count('skipped')} published numbers pass (sources: \`--json\`)`
  const skipped = count('skipped') === 0 ? '' : `; ${count('skipped')} skipped: ${SKIPPED}`
  return `${table([['', 'number', 'published', 'here'], ...rows])}\n\n${summary}${skipped}`
}

const SKIPPED = 'their image may not be shipped, put COCO’s 000000039769.jpg into a folder and name it with --images'

function wordsText(words: CheckReport['words']): string {
  const rows = words.map(({ event, missed, falseStarts }) => [
    missed.length + falseStarts.length === 0 ? 'pass' : 'fail',
    event,
    [
      ...missed.map(phrase => `is not started by "${phrase}"`),
      ...falseStarts.map(phrase => `is started by "${phrase}"`),
    ].join(', '),
  ])
  const passed = rows.filter(([state]) => state === 'pass').length
  return `${table([['', 'event', 'with phrases in the place of images'], ...rows])}\n\n${passed} of ${words.length} events of the prompt library pass`
}
