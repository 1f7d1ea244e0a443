/** `--budget`: how often an event may ring. */

import { InvalidArgumentError, Option } from 'commander'
import { parseBudget } from '../../trial/parseBudget.ts'

/** The value is alarms a day. */
export function budgetOption(description: string): Option {
  const read = (text: string): number => {
    const budget = parseBudget(text)
    if (budget !== null) return budget
    throw new InvalidArgumentError(`Expected a number of alarms above 0 such as 1/day, 3/week or 2/hour, got "${text}"`)
  }
  return new Option('--budget <rate>', `${description}: 1/day, 3/week, 2/hour`).argParser(read).default(1, '1/day')
}
