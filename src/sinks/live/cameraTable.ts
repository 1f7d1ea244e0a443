/** The camera table of the live status: a line per camera with its state, frame rate and a bar per event. */

import { styleText } from 'node:util'
import { type CameraLine, fpsOf } from './liveState.ts'
import { cut, words } from './terminalText.ts'

export interface TableOptions {
  /** Event name → score at which the event begins, [0, 1]. */
  readonly thresholds: Readonly<Record<string, number>>
  /** Width of the terminal: no line is longer. */
  readonly columns: number
  /** ms since the epoch. */
  readonly now: number
  /** Most lines under the heading. */
  readonly most: number
}

const STATE = 11
const FPS = 7
const DROPS = 7
/** ` 100 % `. */
const PERCENT = 7
const SHORTEST_BAR = 3
const LONGEST_BAR = 12
/** `+2`: events without a bar. */
const COUNT = 3

/** Columns of the table in characters. */
interface Layout {
  readonly name: number
  readonly bar: number
  /** Events with a bar; the others are counted. */
  readonly shown: readonly string[]
  readonly hidden: number
  /** The column for dropped frames is shown only if a camera has dropped frames. */
  readonly hasDrops: boolean
}

/** Returns the heading and the lines. Cameras and events that do not fit are counted. */
export function cameraTable(cameras: ReadonlyMap<string, CameraLine>, options: TableOptions): string[] {
  const { most, columns } = options
  const hasDrops = [...cameras.values()].some(line => line.dropped > 0)
  const layout = layOut([...cameras.keys()], { ...options, hasDrops })
  const all = [...cameras].map(([name, line]) => cameraLine(name, line, layout, options))
  const kept = all.length <= most ? all : all.slice(0, Math.max(0, most - 1))
  const rest = all.length - kept.length
  return [
    styleText('dim', cut(heading(layout), columns)),
    ...kept,
    ...(rest > 0 ? [styleText('dim', `and ${rest} more cameras`)] : []),
  ]
}

/** Shrinks bars before it leaves events out. */
function layOut(
  names: readonly string[],
  { columns, thresholds, hasDrops }: TableOptions & Pick<Layout, 'hasDrops'>,
): Layout {
  const events = Object.keys(thresholds)
  const name = Math.max(8, Math.min(22, Math.floor(columns / 4), Math.max(...names.map(each => each.length + 2))))
  const available = columns - name - STATE - FPS - (hasDrops ? DROPS : 0)
  const fits = (width: number) => Math.max(0, Math.floor(width / (SHORTEST_BAR + PERCENT)))
  const all = fits(available) >= events.length
  const width = all ? available : available - COUNT
  const fitting = all ? events.length : fits(width)
  const bar = Math.min(LONGEST_BAR, Math.floor(width / Math.max(1, fitting)) - PERCENT)
  return { name, bar, shown: events.slice(0, fitting), hidden: events.length - fitting, hasDrops }
}

function heading({ name, bar, shown, hidden, hasDrops }: Layout): string {
  const names = shown.map(event => cut(words(event), bar + PERCENT - 1).padEnd(bar + PERCENT)).join('')
  const drops = hasDrops ? 'drops'.padEnd(DROPS) : ''
  return `${'camera'.padEnd(name)}${'state'.padEnd(STATE)}${'fps'.padStart(FPS - 2)}  ${drops}${names}${hidden > 0 ? `+${hidden}` : ''}`
}

const INACTIVE = new Set(['ended', 'disabled'])

function cameraLine(
  name: string,
  line: CameraLine,
  layout: Layout,
  { thresholds, now, columns }: TableOptions,
): string {
  const start = cut(name, layout.name - 1).padEnd(layout.name)
  const condition = line.problem ?? line.state
  const colour =
    condition === 'online' ? 'green' : condition === 'connecting' ? 'yellow' : INACTIVE.has(condition) ? 'gray' : 'red'
  const state = `${start}${styleText(colour, condition.padEnd(STATE))}`
  if (line.state !== 'online')
    return `${state}${styleText('dim', cut(`  ${explanation(line, now)}`, columns - layout.name - STATE))}`
  const bars = layout.shown.map(event => scoreBar(line.scores[event], thresholds[event] ?? 1, layout.bar)).join('')
  const drops = layout.hasDrops ? styleText('yellow', (line.dropped > 0 ? `${line.dropped}` : '').padEnd(DROPS)) : ''
  return `${state}${fpsOf(line)
    .toFixed(1)
    .padStart(FPS - 2)}  ${drops}${bars}`
}

/** The reason for the state, and the time of the next attempt. */
function explanation({ detail, retryAt }: CameraLine, now: number): string {
  const wait = retryAt === null ? null : Math.ceil((retryAt - now) / 1000)
  return [detail, wait !== null && wait > 0 ? `next attempt in ${wait} s` : null]
    .filter(part => part !== null)
    .join(', ')
}

/** A bar filled up to the score, with a line at the threshold. */
function scoreBar(score: number | undefined, threshold: number, width: number): string {
  if (score === undefined) return styleText('dim', '·'.padEnd(width + PERCENT))
  const filled = Math.round(score * width)
  const mark = Math.min(width - 1, Math.round(threshold * width))
  const rest = Array.from({ length: width - filled }, (_, i) => (filled + i === mark ? '│' : '░')).join('')
  const bar = styleText(score >= threshold ? 'magenta' : 'blue', '█'.repeat(filled)) + styleText('dim', rest)
  return `${bar}${`${Math.round(score * 100)} %`.padStart(PERCENT - 1)} `
}
