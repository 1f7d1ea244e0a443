/** Reads labels as a table: `video,event,from,to`, one span a row. */

import { isYes, type Label, type LabelFile, type LabelText, MOST_LABELS, splitMark } from './label.ts'
import { labelError, quoted } from './labelError.ts'
import { type CsvRow, parseCsv } from './parseCsv.ts'
import { parseTime } from './parseTime.ts'

const NEEDED = ['event', 'from', 'to'] as const
const COLUMNS = ['video', ...NEEDED, 'ignore'] as const

/** True for a table whose first line has these columns. */
export function isCsvLabels(text: string): boolean {
  const end = text.search(/[\r\n]/)
  const head = parseCsv(end < 0 ? text : text.slice(0, end)).rows[0]
  return head !== undefined && NEEDED.every(name => columnOf(head, name) >= 0)
}

/**
 * Further columns are ignored. A row with a video alone says that nothing happens in it.
 * @throws WatchwordError `labels-invalid`
 */
export function readCsvLabels({ file, text }: LabelText): LabelFile {
  const { rows, openQuote } = parseCsv(text, MOST_LABELS + 2)
  if (openQuote !== null)
    throw labelError(file, `line ${openQuote}`, 'Expected a closing quote, got the end of the file')
  const [head, ...records] = rows as [CsvRow, ...CsvRow[]]
  const missing = NEEDED.filter(name => columnOf(head, name) < 0)
  if (missing.length > 0)
    throw labelError(
      file,
      `line ${head.line}`,
      `Expected the columns video, event, from, to; ${missing.join(', ')} is missing`,
    )
  const indexOf = new Map(COLUMNS.map(name => [name, columnOf(head, name)] as const))
  const videos = new Map<string, Label[]>()
  for (const row of records) {
    const cell = (name: (typeof COLUMNS)[number]) => (row.cells[indexOf.get(name) ?? -1] ?? '').trim()
    const video = cell('video')
    const labels = videos.get(video) ?? []
    videos.set(video, labels)
    const label = labelOf(cell, `line ${row.line}`, file)
    if (label !== null) labels.push(label)
  }
  if (videos.size === 0) videos.set('', [])
  return {
    format: 'csv',
    merges: true,
    videos: [...videos].map(([video, labels]) => ({ video: video === '' ? [] : [video], fps: null, labels })),
  }
}

/** Null for a row that names a video alone. */
function labelOf(cell: (name: (typeof COLUMNS)[number]) => string, place: string, file: string): Label | null {
  const [event, from, to] = NEEDED.map(cell) as [string, string, string]
  if (event === '' && from === '' && to === '') return null
  if (event === '') throw labelError(file, place, 'Expected the name of an event, got nothing')
  const time = (name: string, text: string) => {
    const seconds = parseTime(text)
    if (seconds !== null) return seconds
    throw labelError(file, place, `Expected \`${name}\` to be seconds or hh:mm:ss.mmm, got ${quoted(text)}`)
  }
  const { event: name, ignored } = splitMark(event)
  return {
    event: name,
    from: time('from', from),
    to: time('to', to),
    unit: 'seconds',
    ignored: ignored || isYes(cell('ignore')),
    place,
  }
}

function columnOf({ cells }: CsvRow, name: string): number {
  return cells.findIndex(cell => cell.trim().toLowerCase() === name)
}
