/** A time in the time zone of the reader. */

/** ms since the epoch → `2026-11-30 14:05:07`; without the date: `14:05:07`. */
export function localTime(at: number, { date = true }: { readonly date?: boolean } = {}): string {
  const time = new Date(at)
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(':')
  return date ? `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ${clock}` : clock
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
