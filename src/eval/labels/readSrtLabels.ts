/** Reads labels as subtitles (SubRip): each line of a caption's text names an event that is on while it is shown. */

import { type Label, type LabelFile, type LabelText, splitMark } from './label.ts'
import { labelError, quoted } from './labelError.ts'
import { parseTime } from './parseTime.ts'

const ARROW = '-->'
const NUMBER = /^\d+$/

/** True for a text whose first or second line has two times. */
export function isSrtLabels(text: string): boolean {
  const [first, second] = text.trimStart().slice(0, 200).split(/\r?\n/)
  return first?.includes(ARROW) === true || (NUMBER.test(first?.trim() ?? '') && second?.includes(ARROW) === true)
}

/** @throws WatchwordError `labels-invalid` */
export function readSrtLabels({ file, text }: LabelText): LabelFile {
  const labels: Label[] = []
  let times: Pick<Label, 'from' | 'to' | 'place'> | null = null
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim()
    const place = `line ${index + 1}`
    if (line === '') times = null
    else if (times !== null) labels.push({ ...times, ...splitMark(withoutScore(line)), unit: 'seconds' })
    else if (line.includes(ARROW)) times = { ...timesOf(line, place, file), place }
    else if (!NUMBER.test(line))
      throw labelError(
        file,
        place,
        `Expected a number or two times such as 00:00:04,800 ${ARROW} 00:00:13,800, got ${quoted(line)}`,
      )
  }
  return { format: 'srt', merges: true, videos: [{ video: [], fps: null, labels }] }
}

function timesOf(line: string, place: string, file: string): Pick<Label, 'from' | 'to'> {
  const at = line.indexOf(ARROW)
  // Players accept a position on the screen after the times.
  const [from, to] = [
    line.slice(0, at),
    line
      .slice(at + ARROW.length)
      .trim()
      .split(/\s/)[0] ?? '',
  ].map(parseTime)
  if (from == null || to == null)
    throw labelError(file, place, `Expected two times such as 00:00:04,800 ${ARROW} 00:00:13,800, got ${quoted(line)}`)
  return { from, to }
}

/** `person walking (92 %)`, as `detect` writes it. */
function withoutScore(line: string): string {
  return line.replace(/ \(\d{1,3} %\)$/, '')
}
