/** A budget of alarms as people write it: `1/day`, `3/week`, `2/hour`, `0.5`. */

const DAYS = { hour: 1 / 24, day: 1, week: 7, month: 30 } as const

/** @returns alarms a day, above 0; null for a text that is no budget */
export function parseBudget(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(?:(?: ?\/ ?| per | an? )(hour|day|week|month))?$/.exec(text.trim())
  if (match === null) return null
  const budget = Number(match[1]) / DAYS[(match[2] ?? 'day') as keyof typeof DAYS]
  return budget > 0 ? budget : null
}
