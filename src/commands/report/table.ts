/** A table as aligned plain text. */

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  /** Default: right, for numbers. */
  readonly align?: 'left' | 'right'
}

/** The header, a rule and one line per row, two spaces between columns; without trailing blanks. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map(row => columns.map(({ cell }) => cell(row)))]
  const widths = columns.map((_, i) => Math.max(...cells.map(line => line[i]?.length ?? 0)))
  const lines = cells.map(line =>
    line
      .map((cell, i) => (columns[i]?.align === 'left' ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const rule = widths.map(width => '─'.repeat(width)).join('  ')
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}
