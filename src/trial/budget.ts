/** A budget of alarms as people write it: `1/day`, `3/week`, `2/hour`, `0.5`. */

const DAYS = { hour: 1 / 24, day: 1, week: 7, month: 30 } as const

/** @returns alarms a day, above 0; null for a text that is no budget */
export function parseBudget(text: string): number | null {
  const match = /^\s*(\d{1,9}(?:\.\d{1,9})?)\s*(?:(?:\/|per| an?)\s*(hour|day|week|month))?\s*$/.exec(text)
  if (match === null) return null
  const budget = Number(match[1]) / DAYS[(match[2] ?? 'day') as keyof typeof DAYS]
  return budget > 0 ? budget : null
}

/** 1 → `1 a day`, 0.2857 → `2 a week`, 48 → `2 an hour`. Never more than two digits where they would say nothing. */
export function rateText(perDay: number): string {
  if (perDay === 0) return '0 a day'
  if (perDay >= 48) return `${digits(perDay / 24)} an hour`
  return perDay < 0.6 ? `${digits(perDay * 7)} a week` : `${digits(perDay)} a day`
}

function digits(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)))
}
