/** Reads comma-separated values (RFC 4180); also with semicolons or tabs, as spreadsheets of many countries write them. */

export interface CsvRow {
  readonly cells: readonly string[]
  /** Number of its first line, from 1. */
  readonly line: number
}

export interface Csv {
  /** Without blank lines. */
  readonly rows: readonly CsvRow[]
  /** Line of a quote that is never closed; null: none. */
  readonly openQuote: number | null
}

const SEPARATORS = [',', ';', '\t'] as const

/** @param mostRows reading ends after so many. Default: all */
export function parseCsv(text: string, mostRows = Number.POSITIVE_INFINITY): Csv {
  const separator = separatorOf(text)
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let at = 0
  let begunAt = 1
  const endRow = () => {
    if (cells.length > 1 || (cells[0] ?? '').trim() !== '') rows.push({ cells, line: begunAt })
    cells = []
    begunAt = line
  }
  while (at < text.length && rows.length < mostRows) {
    const isQuoted = text[at] === '"'
    const cell = isQuoted ? quotedCell(text, at) : plainCell(text, at, separator)
    if (cell === null) return { rows, openQuote: line }
    cells.push(cell.value)
    line += isQuoted ? newlines(cell.value) : 0
    at = cell.end
    if (isQuoted) {
      // What stands between a closing quote and the separator belongs to the cell.
      const rest = plainCell(text, at, separator)
      cells[cells.length - 1] += rest.value.trimEnd()
      at = rest.end
    }
    if (text[at] === separator) {
      at += 1
      if (at === text.length) cells.push('')
      continue
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1
    at += 1
    line += 1
    endRow()
  }
  if (cells.length > 0) endRow()
  return { rows, openQuote: null }
}

interface Cell {
  readonly value: string
  /** Index after it. */
  readonly end: number
}

function plainCell(text: string, at: number, separator: string): Cell {
  let end = at
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
  return { value: text.slice(at, end), end }
}

/** Null when the quote is never closed. */
function quotedCell(text: string, at: number): Cell | null {
  const parts: string[] = []
  let from = at + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return null
    parts.push(text.slice(from, quote))
    if (text[quote + 1] !== '"') return { value: parts.join('"'), end: quote + 1 }
    from = quote + 2
  }
}

/** The one that the first line has most often. */
function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/)
  const head = end < 0 ? text : text.slice(0, end)
  const count = (separator: string) => head.split(separator).length
  return SEPARATORS.reduce((best, next) => (count(next) > count(best) ? next : best))
}

function newlines(text: string): number {
  return text.split('\n').length - 1
}
