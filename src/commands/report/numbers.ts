/** Formats numbers for tables. A dash means: not measured. */

const NOT_MEASURED = '—'

/** 350.6 MB, 3.00 MB, 12 kB: decimal units, three digits or so. */
export function bytes(count: number | null): string {
  if (count === null) return NOT_MEASURED
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`
  const megabytes = count / 1e6
  return `${megabytes.toFixed(megabytes < 10 ? 2 : megabytes < 1000 ? 1 : 0)} MB`
}

/** 87.85 M, 4,021 */
export function count(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : value.toLocaleString('en')
}

/** 0.2446 → 24.46 % */
export function percent(fraction: number | null, digits = 2): string {
  return fraction === null ? NOT_MEASURED : `${(fraction * 100).toFixed(digits)} %`
}

/** 1.9 → 1.90x */
export function times(factor: number): string {
  return `${factor.toFixed(2)}x`
}

export function fixed(value: number | null, digits: number): string {
  return value === null ? NOT_MEASURED : value.toFixed(digits)
}
