/** Formats positions in a video for people and for subtitles. */

/** ms → `1:02:03.4` or `02:03.4`. */
export function position(ms: number): string {
  const { hours, minutes, seconds, rest } = parts(ms)
  const tail = `${pad(minutes)}:${pad(seconds)}.${Math.floor(rest / 100)}`
  return hours > 0 ? `${hours}:${tail}` : tail
}

/** ms → `01:02:03,450`, as SubRip has it. */
export function subtitleTime(ms: number): string {
  const { hours, minutes, seconds, rest } = parts(ms)
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds)},${String(rest).padStart(3, '0')}`
}

function parts(ms: number) {
  const whole = Math.max(0, Math.round(ms))
  return {
    hours: Math.floor(whole / 3_600_000),
    minutes: Math.floor(whole / 60_000) % 60,
    seconds: Math.floor(whole / 1000) % 60,
    rest: whole % 1000,
  }
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
