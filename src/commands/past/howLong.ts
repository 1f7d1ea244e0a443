/** A length of time in words: `45 seconds`, `12 minutes`, `3.5 hours`, `6.8 days`. */

import { pluralize } from '../../util/pluralize.ts'

const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
] as const

export function howLong(ms: number): string {
  const unit = UNITS.find(each => ms >= 1.5 * each.ms)
  if (unit === undefined) return pluralize(Math.round(ms / 1000), 'second')
  const value = ms / unit.ms
  return `${value < 10 && unit.name !== 'minute' ? Number(value.toFixed(1)) : Math.round(value)} ${unit.name}s`
}
