/** Formats a score curve as one short line of text. */

const BARS = '▁▂▃▄▅▆▇█'

/** Values in [0, 1] as `width` bars at most; each bar shows the highest value of its section. */
export function sparkline(values: readonly number[], width = 24): string {
  const count = Math.min(width, values.length)
  const step = values.length / Math.max(1, count)
  return Array.from({ length: count }, (_, index) => {
    const part = values.slice(
      Math.floor(index * step),
      Math.max(Math.floor((index + 1) * step), Math.floor(index * step) + 1),
    )
    const level = Math.round(Math.min(1, Math.max(0, ...part)) * (BARS.length - 1))
    return BARS[level]
  }).join('')
}
