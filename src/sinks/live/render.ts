/** The live status as lines of text. Pure: state in, lines out. */

import { styleText } from 'node:util'
import type { WatchEvent } from '../../types.ts'
import { type CameraLine, fpsOf, type LiveState } from './state.ts'

export interface LiveHeader {
  /** First line, such as `watchword 0.1.0`. */
  readonly title: string
  /** Lines under it: addresses, what the model knows. */
  readonly notes: readonly string[]
  /** Event name → score at which it starts, [0, 1]. */
  readonly thresholds: Readonly<Record<string, number>>
}

const BAR = 12
const NAME = 12
const SCORE = BAR + 7

/**
 * @param width columns of the terminal: no line is longer
 * @param now ms since the epoch
 */
export function renderLive(header: LiveHeader, state: LiveState, width: number, now: number): string[] {
  const events = Object.keys(header.thresholds)
  const shown = events.slice(0, Math.max(1, Math.floor((width - NAME - 24) / SCORE)))
  const hidden = events.length - shown.length
  return [
    styleText('bold', cut(header.title, width)),
    ...header.notes.map(note => styleText('dim', cut(note, width))),
    '',
    styleText('dim', heading(shown, hidden)),
    ...[...state.cameras].map(([name, line]) => cameraLine(name, line, shown, header.thresholds, width)),
    '',
    ...(state.events.length === 0
      ? [styleText('dim', 'no events yet')]
      : state.events.map(event => eventLine(event, now))),
    '',
    styleText('dim', cut(footer(state), width)),
  ]
}

function heading(shown: readonly string[], hidden: number): string {
  const names = shown.map(name => cut(name.replaceAll('_', ' '), SCORE - 1).padEnd(SCORE)).join('')
  return `${'camera'.padEnd(NAME)}${'state'.padEnd(12)}${'fps'.padStart(5)}  ${names}${hidden > 0 ? `+${hidden} more` : ''}`
}

function cameraLine(
  name: string,
  line: CameraLine,
  shown: readonly string[],
  thresholds: LiveHeader['thresholds'],
  width: number,
): string {
  const start = cut(name, NAME - 1).padEnd(NAME)
  const condition = line.problem ?? line.state
  const colour = condition === 'online' ? 'green' : condition === 'connecting' ? 'yellow' : 'red'
  const state = styleText(colour, condition.padEnd(12))
  if (line.state !== 'online') return `${start}${state}${styleText('dim', cut(line.detail ?? '', width - NAME - 12))}`
  const scores = shown.map(event => scoreBar(line.scores[event], thresholds[event] ?? 1)).join('')
  const dropped = line.dropped > 0 ? styleText('yellow', ` ${line.dropped} dropped`) : ''
  return `${start}${state}${fpsOf(line).toFixed(1).padStart(5)}  ${scores}${dropped}`
}

function scoreBar(score: number | undefined, threshold: number): string {
  if (score === undefined) return styleText('dim', '·'.padEnd(SCORE))
  const filled = Math.round(score * BAR)
  const colour = score >= threshold ? 'magenta' : 'blue'
  const bar = styleText(colour, '█'.repeat(filled)) + styleText('dim', '░'.repeat(BAR - filled))
  return `${bar}${`${Math.round(score * 100)} %`.padStart(6)} `
}

function eventLine(event: WatchEvent, now: number): string {
  const at = new Date(event.startTime).toTimeString().slice(0, 8)
  const lasted = `${(((event.endTime ?? now) - event.startTime) / 1000).toFixed(1)} s`.padStart(8)
  const text = `${at}  ${event.camera.padEnd(NAME)}${event.event.replaceAll('_', ' ').padEnd(20)}${lasted}  peak ${Math.round(event.topScore * 100)} %`
  return event.endTime === null ? styleText('magenta', `● ${text}`) : `  ${text}`
}

function footer({ encoded, gated, secondsPerPicture, published, waiting }: LiveState): string {
  const parts = [
    `${encoded} encoded`,
    `${gated} still`,
    `${(secondsPerPicture * 1000).toFixed(1)} ms a picture`,
    `${published} messages acknowledged${waiting > 0 ? `, ${waiting} waiting` : ''}`,
    'Ctrl-C stops',
  ]
  return parts.join(' · ')
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
