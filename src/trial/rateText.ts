/** A rate of alarms for people. */

/** 1 → `1 a day`, 0.2857 → `2 a week`, 48 → `2 an hour`. Never more than two digits where they would say nothing. */
export function rateText(perDay: number): string {
  if (perDay === 0) return '0 a day'
  if (perDay >= 48) return `${digits(perDay / 24)} an hour`
  return perDay < 0.6 ? `${digits(perDay * 7)} a week` : `${digits(perDay)} a day`
}

function digits(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)))
}
