/** Renders the live status as lines of text. */

import { styleText } from 'node:util'
import { inZones } from '../createConsole.ts'
import { cameraTable } from './cameraTable.ts'
import type { LiveState } from './liveState.ts'
import { cut, words, wrap } from './terminalText.ts'

export interface LiveHeader {
  /** First line, such as `watchword 0.1.0`. */
  readonly title: string
  /** Lines under the title, each after a name of at most nine letters: addresses, properties of the model. */
  readonly notes: readonly string[]
  /** Event name → score at which the event begins, [0, 1]. */
  readonly thresholds: Readonly<Record<string, number>>
}

export interface Screen {
  /** Width of the terminal: no line is longer. */
  readonly columns: number
  /** Height of the terminal: there are fewer lines. */
  readonly rows: number
}

/** Title, heading of the table, footer, and an empty line before and after the events. */
const FRAME_LINES = 6
/** Notes are hidden if fewer events than this would fit. */
const EVENTS_BEFORE_NOTES = 4
/** Indent of wrapped notes: the text after `metrics   `. */
const NOTE_INDENT = 10

/** @param now ms since the epoch */
export function renderLive(header: LiveHeader, state: LiveState, screen: Screen, now: number): string[] {
  const { columns } = screen
  // The cursor needs its own line below.
  const available = Math.max(0, screen.rows - 1 - FRAME_LINES)
  const cameras = cameraTable(state.cameras, { ...header, columns, now, most: Math.max(1, available - 1) })
  const left = Math.max(1, available - (cameras.length - 1))
  const wanted = Math.max(1, state.events.length)
  const known = header.notes.flatMap(note => wrap(note, columns, NOTE_INDENT))
  const notes = left - known.length >= Math.min(wanted, EVENTS_BEFORE_NOTES) ? known : []
  return [
    styleText('bold', cut(header.title, columns)),
    ...notes.map(note => styleText('dim', note)),
    '',
    ...cameras,
    '',
    ...eventLines(state, { columns, now, most: Math.max(1, left - notes.length) }),
    '',
    styleText('dim', cut(footer(state), columns)),
  ].slice(0, Math.max(1, screen.rows - 1))
}

/** Newest first; open events are marked. */
function eventLines(
  { cameras, events }: LiveState,
  { columns, now, most }: { columns: number; now: number; most: number },
): string[] {
  if (events.length === 0) return [styleText('dim', 'no events yet')]
  const name = Math.max(8, ...[...cameras.keys()].map(key => key.length))
  const eventWidth = Math.max(...events.map(({ event }) => event.length))
  return events.slice(0, most).map(event => {
    const at = new Date(event.startTime).toTimeString().slice(0, 8)
    const lasted = duration((event.endTime ?? now) - event.startTime).padStart(9)
    const peak = `peak ${`${Math.round(event.topScore * 100)}`.padStart(3)} %`
    const text = `${at}  ${event.camera.padEnd(name)}  ${words(event.event).padEnd(eventWidth)}${lasted}  ${peak}${inZones(event)}`
    return event.endTime === null
      ? styleText('magenta', cut(`● ${text}`, columns))
      : cut(`  ${text}${event.endReason === 'score' ? '' : `  ${words(event.endReason ?? '')}`}`, columns)
  })
}

/** `4.0 s`, `3:07 min`, `2:00 h`. */
function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.floor(seconds / (seconds < 3600 ? 1 : 60))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} ${seconds < 3600 ? 'min' : 'h'}`
}

function footer({ encoded, skipped, secondsPerImage, published, waiting }: LiveState): string {
  const parts = [
    `${encoded} encoded`,
    `${skipped} skipped`,
    `${(secondsPerImage * 1000).toFixed(1)} ms per image`,
    `${published} MQTT messages${waiting > 0 ? `, ${waiting} waiting` : ''}`,
    'Ctrl-C stops',
  ]
  return parts.join(' · ')
}
