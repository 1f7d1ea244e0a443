/** Reads a position in a video: seconds, `mm:ss` or `hh:mm:ss`, with a fraction after a point or a comma. */

const SECONDS = /^\d{1,9}(?:[.,]\d{1,9})?$/
const CLOCK = /^(?:(\d{1,5}):)?(\d{1,5}):(\d{1,2}(?:[.,]\d{1,9})?)$/

/** Seconds, negative where the text is; null when it is no time. */
export function parseTime(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed.startsWith('-')) {
    const behind = trimmed.startsWith('--') ? null : parseTime(trimmed.slice(1))
    return behind === null ? null : -behind
  }
  if (SECONDS.test(trimmed)) return decimal(trimmed)
  const [, hours = '0', minutes, seconds] = CLOCK.exec(trimmed) ?? []
  if (minutes === undefined || seconds === undefined || decimal(seconds) >= 60) return null
  return Number(hours) * 3600 + Number(minutes) * 60 + decimal(seconds)
}

function decimal(text: string): number {
  return Number(text.replace(',', '.'))
}
