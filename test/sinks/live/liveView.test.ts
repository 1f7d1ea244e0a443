/** The live view on a small fake terminal that interprets escape sequences. */

import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LiveView, startLiveView, type Terminal } from '../../../src/sinks/live/liveView.ts'

const ESC = '\x1b'
const PARTS = new RegExp(`${ESC}\\[\\d*[A-Za-z]|\\r|\\n|[^${ESC}\\r\\n]+`, 'g')
const UP = new RegExp(`^${ESC}\\[(\\d+)A$`)

class Screen extends EventEmitter {
  columns = 80
  rows = 24
  writes = 0
  lines: string[] = ['']
  row = 0
  private column = 0

  write(text: string): boolean {
    this.writes++
    for (const [part] of text.matchAll(PARTS)) this.take(part)
    return true
  }

  private take(part: string): void {
    const up = UP.exec(part)
    if (up) this.row -= Number(up[1])
    else if (part === '\x1b[J') this.lines = [...this.lines.slice(0, this.row), '']
    else if (part === '\x1b[K') this.lines[this.row] = this.lines[this.row]?.slice(0, this.column) ?? ''
    else if (part === '\r') this.column = 0
    else if (part === '\n') {
      this.row++
      this.column = 0
      this.lines[this.row] ??= ''
    } else if (!part.startsWith('\x1b')) {
      this.lines[this.row] = part + (this.lines[this.row] ?? '').slice(part.length)
      this.column = part.length
    }
  }

  /** Wraps lines again, as some terminals do. The cursor stays below the text. */
  narrow(columns: number): void {
    this.columns = columns
    this.lines = this.lines.flatMap(line => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
    this.row = this.lines.length - 1
    this.emit('resize')
  }
}

const head = { title: 'watchword', notes: [`config ${'x'.repeat(60)}`] }
const watched = () => ({ cameras: ['street'], thresholds: { person_walking: 0.5 } })

describe('the live view', () => {
  let screen: Screen
  let view: LiveView
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    screen = new Screen()
    view = startLiveView(screen as unknown as Terminal, head, watched)
  })
  afterEach(() => {
    view.close()
    vi.useRealTimers()
  })
  const times = (text: string) => screen.lines.filter(line => line.includes(text)).length

  test('repaints over the old lines, in one write', () => {
    const before = screen.lines.length
    screen.writes = 0
    vi.advanceTimersByTime(2500)
    expect(screen.writes).toBe(10)
    expect(screen.lines.length).toBe(before)
    expect(times('watchword')).toBe(1)
    expect(times('street')).toBe(1)
  })

  test('log lines scroll above it', () => {
    view.print('first line\n')
    view.print('second line')
    expect(screen.lines.slice(0, 3)).toEqual(['first line', 'second line', 'watchword'])
    expect(times('watchword')).toBe(1)
  })

  test('a terminal made narrower shows one status and no parts of the old one', () => {
    view.print('a log line')
    screen.narrow(30)
    expect(screen.lines[0]).toBe('a log line')
    expect(times('watchword')).toBe(1)
    expect(Math.max(...screen.lines.map(line => line.length))).toBeLessThanOrEqual(30)
  })

  test('keeps the last status and removes its listeners when it is closed', () => {
    view.close()
    screen.writes = 0
    vi.advanceTimersByTime(1000)
    screen.emit('resize')
    expect(screen.writes).toBe(0)
    expect(times('watchword')).toBe(1)
  })
})
