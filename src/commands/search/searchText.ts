/** What `search` prints on a terminal: one line a moment, best first. */

import { percent } from '../detect/formats.ts'
import { howLong } from '../past/howLong.ts'
import { localTime } from '../past/localTime.ts'
import { momentPlace } from '../past/momentPlace.ts'
import { type Column, table } from '../report/table.ts'
import type { FoundMoment, Searched } from './searchPast.ts'

export function searchText({ moments, notes }: Searched): string {
  const rows = moments.map((moment, i) => ({ ...moment, number: i + 1 }))
  return [
    ...(rows.length === 0 ? [] : [table(COLUMNS, rows)]),
    ...(notes.length === 0 ? [] : [notes.map(note => `${note}.`).join('\n')]),
  ].join('\n\n')
}

type Row = FoundMoment & { readonly number: number }

const left = 'left' as const

const COLUMNS: readonly Column<Row>[] = [
  { title: '', cell: ({ number }) => String(number) },
  { title: 'time', align: left, cell: ({ at }) => localTime(at) },
  { title: 'camera', align: left, cell: ({ camera }) => camera },
  { title: 'score', cell: ({ judgement }) => percent(judgement.score) },
  { title: 'above usual', cell: ({ judgement }) => nats(judgement.aboveQuiet) },
  { title: 'where', align: left, cell: ({ where }) => momentPlace(where) },
  { title: 'views', cell: ({ count }) => String(count) },
  { title: 'over', cell: ({ from, to }) => howLong(to - from) },
]

/** How far above what the camera shows without it; a dash where nothing was learned. */
function nats(aboveQuiet: number | null): string {
  return aboveQuiet === null ? '–' : `${aboveQuiet < 0 ? '−' : '+'}${Math.abs(aboveQuiet).toFixed(1)}`
}
