/** Explains an event as text: curves, the phrases that decided, and a table over time. */

import type { TraceRow } from '../../history/eventTrace.ts'
import type { WeighedPhrase } from '../../scoring/explainEvent.ts'
import { shorten } from '../../util/shorten.ts'
import { sparkline } from '../detect/sparkline.ts'
import { localTime } from '../past/localTime.ts'
import { table } from '../report/table.ts'
import type { Explanation } from './explanation.ts'

/** More rows are thinned out for the table; `--json` has all. */
const TABLE_ROWS = 24
const PHRASES = 6
const CURVE = 48
const LONGEST_PHRASE = 60

export function explainText(explanation: Explanation): string {
  const { source, rows, moment, thinned, rule } = explanation
  if (rows.length === 0) return `${headline(explanation)}\nNo frame of it was stored.`
  const notes = [
    outsideText(explanation),
    source === 'vectors' &&
      'Computed again from stored vectors. Frames that look alike share one, and what the camera taught since then counts: digits may differ from live.',
    rule.rule === 'leaves' && 'The rule waits for the score to fall: the event is strongest where the score is lowest.',
    thinned !== null && thinned > 0 && `A long event: ${thinned} frames in between were not kept.`,
    explanation.id !== null &&
      thinned === null &&
      'The trace has no end: the event is still on, or Watchword was killed.',
  ].filter(note => note !== false)
  return [
    headline(explanation),
    '',
    curves(explanation),
    '',
    ...(moment === null ? [] : [decided(explanation), '']),
    rowTable(explanation),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}

function headline({ id, camera, event, rule, model, state }: Explanation): string {
  const what = `${event} on ${camera}, rule ${rule.rule}, ${model.variant}`
  if (id === null) return what
  if (state === null) return `${id}: ${what}`
  const end =
    state.endTime === null ? 'still on' : `${localTime(state.endTime, { date: false })}, ended by ${state.endReason}`
  return `${id}: ${what}\n${localTime(state.startTime)} – ${end}${state.why?.odds == null ? '' : `, right with ${Math.round(state.why.odds * 100)} %`}`
}

/** The frames beside an event belong to its trace. */
function outsideText({ askedAt, state }: Explanation): string | false {
  if (askedAt === null || state === null) return false
  if (askedAt < state.startTime) return 'At that time the event had not started yet.'
  return state.endTime !== null && askedAt > state.endTime && 'At that time the event had ended.'
}

function curves({ rows, rule }: Explanation): string {
  const score = rows.map(row => row.score)
  const lines = [
    `score        ${sparkline(score, CURVE)}  highest ${number(Math.max(...score))}, starts at ${rule.threshold}, ends below ${rule.releaseThreshold}`,
  ]
  for (const [title, of] of [
    ['margin', (row: TraceRow) => row.margin],
    ['above quiet', (row: TraceRow) => row.aboveQuiet],
  ] as const) {
    const values = rows.map(of).filter(value => value !== null)
    if (values.length === 0) continue
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const scaled = values.map(value => (high > low ? (value - low) / (high - low) : 0))
    lines.push(`${title.padEnd(11)}  ${sparkline(scaled, CURVE)}  ${number(low)} to ${number(high)} nats`)
  }
  return lines.join('\n')
}

function decided({ moment, askedAt }: Explanation): string {
  if (moment === null) return ''
  const { row, phrases } = moment
  const lines = [
    `${askedAt === null ? 'Decided at' : 'At'} ${timeOf(row)}: score ${number(row.raw)}, smoothed ${number(row.score)}`,
  ]
  if (row.margin !== null) {
    const quiet =
      row.aboveQuiet === null
        ? 'nothing learned from the camera yet'
        : `${number(row.aboveQuiet)} nats above what the camera shows without it`
    lines.push(`Margin ${number(row.margin)} nats over the contrast phrases, ${quiet}`)
  }
  const learned = Math.round((row.learned ?? 0) * 100)
  if (row.logOdds !== null)
    lines.push(
      `Log-odds ${number(row.logOdds)}: the camera’s own images decide ${learned} %, answers add ${number(row.answers ?? 0)}`,
    )
  lines.push(
    `View ${row.view ?? 'none'}${row.zones.length > 0 ? ` in ${row.zones.join(', ')}` : ''}, motion ${number(row.motion)}, settled ${number(row.settled)}`,
  )
  if (phrases === null) return [...lines, 'Its phrases were not stored.'].join('\n')
  return [...lines, '', phraseTable('for', phrases.for), '', phraseTable('against', phrases.against)].join('\n')
}

function phraseTable(title: string, phrases: readonly WeighedPhrase[]): string {
  const shown = table(
    [
      { title, align: 'left', cell: ({ phrase }) => shorten(phrase, LONGEST_PHRASE) },
      { title: 'logit', cell: ({ logit }) => number(logit) },
      { title: 'share', cell: ({ share }) => `${Math.round(share * 100)} %` },
    ],
    phrases.slice(0, PHRASES),
  )
  return phrases.length > PHRASES ? `${shown}\n… and ${phrases.length - PHRASES} weaker ones` : shown
}

function rowTable({ rows, state, moment }: Explanation): string {
  const marks = new Map<number, string>()
  const mark = (at: number | null | undefined, word: string) => {
    const row = at == null ? undefined : rows.find(each => each.at >= at)
    if (row !== undefined) marks.set(row.at, [marks.get(row.at), word].filter(Boolean).join(', '))
  }
  mark(state?.startTime, 'start')
  mark(moment?.row.at, 'decided')
  mark(state?.topTime, 'peak')
  mark(state?.endTime, 'end')
  const step = Math.ceil(rows.length / TABLE_ROWS)
  const shown = rows.filter((row, i) => i % step === 0 || marks.has(row.at) || i === rows.length - 1)
  return table(
    [
      { title: 'time', align: 'left', cell: timeOf },
      { title: 'smoothed', cell: row => number(row.score) },
      { title: 'raw', cell: row => number(row.raw) },
      { title: 'margin', cell: row => number(row.margin) },
      { title: 'above quiet', cell: row => number(row.aboveQuiet) },
      { title: 'evidence', cell: row => number(row.evidence) },
      { title: 'motion', cell: row => row.motion.toFixed(3) },
      { title: 'view', align: 'left', cell: row => row.view ?? '–' },
      { title: 'zones', align: 'left', cell: row => row.zones.join(' ') },
      { title: '', align: 'left', cell: row => marks.get(row.at) ?? '' },
    ],
    shown,
  )
}

function timeOf({ at }: Pick<TraceRow, 'at'>): string {
  const ms = String(Math.floor(((at % 1000) + 1000) % 1000)).padStart(3, '0')
  return `${localTime(at, { date: false })}.${ms}`
}

/** Six digits: as many as live and explained numbers agree in. */
function number(value: number | null): string {
  return value === null ? '–' : value.toFixed(6)
}
