/** A log line for people: `12:03:04 warn  front_door: lost (timeout) …`. */

import { styleText } from 'node:util'
import type { Level } from './logLine.ts'

const STYLES = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const

/** @param json one line as pino writes it */
export function pretty(json: string, { colors }: { colors: boolean }): string {
  const { level, time, msg } = JSON.parse(json) as { level: Level; time: string; msg: string }
  const label = level.padEnd(5)
  return `${new Date(time).toTimeString().slice(0, 8)} ${colors ? styleText(STYLES[level], label, { validateStream: false }) : label} ${printable(msg)}\n`
}

/** Text of MQTT requests and of cameras moves no cursor of ours. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
