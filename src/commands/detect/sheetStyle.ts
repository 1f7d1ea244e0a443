/** Sizes, colours and font of the contact sheet. */

import { fileURLToPath } from 'node:url'
import { GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'

const FONT = 'Watchword Mono'

/** Pixels before scaling. */
export const SHEET = { width: 1280, margin: 24, scale: 1.5 }

export const COLOURS = { paper: '#f6f5f1', ink: '#1d2430', faint: '#6b7280', rule: '#dedcd4', blank: '#e9e7df' }

/** One per event, distinguishable for most people. */
const EVENT_COLOURS = ['#c7472e', '#2f6f9f', '#3f8f5b', '#8a5bb0', '#b87c10', '#2b8f98', '#b0517f', '#6f7326']

export function eventColour(index: number): string {
  return EVENT_COLOURS[index % EVENT_COLOURS.length] as string
}

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Box extends Place {
  readonly width: number
  readonly height: number
}

export interface Letters extends Place {
  readonly size: number
  readonly colour: string
  /** Which side of the text `x` is. Default left. */
  readonly align?: 'left' | 'right' | 'center'
  /** Longer text is cut, with a sign. Default: as long as it is. */
  readonly width?: number
}

/** Width of any letter in pixels: the font is monospaced. Leaves the context's own font as it is. */
export function letterWidth(context: SKRSContext2D, size: number): number {
  context.save()
  context.font = fontOf(size)
  const { width } = context.measureText('m')
  context.restore()
  return width
}

function fontOf(size: number): string {
  return `${size}px "${FONT}"`
}

/** `y` is the baseline. */
export function write(
  context: SKRSContext2D,
  text: string,
  { x, y, size, colour, align = 'left', width }: Letters,
): void {
  context.fillStyle = colour
  context.font = fontOf(size)
  const most = width === undefined ? text.length : Math.floor(width / letterWidth(context, size))
  context.textAlign = align
  context.fillText(text.length > most ? `${text.slice(0, most - 1)}…` : text, x, y)
}

/** The number of a finding, in its event's colour. */
export function badge(context: SKRSContext2D, number: number, { x, y }: Place, colour: string): void {
  const text = String(number)
  const width = 12 + 7 * text.length
  context.fillStyle = colour
  context.beginPath()
  context.roundRect(x - width / 2, y - 9, width, 18, 9)
  context.fill()
  write(context, text, { x, y: y + 4, size: 12, colour: '#ffffff', align: 'center' })
}

/** Registers the font of the package, because a machine may have none. */
export function registerFont(): void {
  if (GlobalFonts.has(FONT)) return
  const file = import.meta.resolve('@fontsource/jetbrains-mono/files/jetbrains-mono-latin-500-normal.woff2')
  GlobalFonts.registerFromPath(fileURLToPath(file), FONT)
}
