import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { from } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openJournal } from '../../src/sinks/journal.ts'
import { recordOf, type WireChange } from '../../src/sinks/wire.ts'
import { change, createEars } from './fixtures.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'watchword-journal-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

const path = () => join(dir, 'events.jsonl')
const open = (maxBytes = 1e9, telemetry = createEars(), keep = 2) =>
  openJournal({ path: path(), maxBytes, keep, telemetry })
const linesOf = (file = path()) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as WireChange)
const idsOf = (file?: string) => linesOf(file).map(({ type, after }) => `${type} ${after.id}`)

describe('openJournal', () => {
  it('writes a line per change, with the names of the wire', async () => {
    const journal = open()
    await journal.sink(from([change('new', 'a', 0), change('end', 'a', 1)]))
    await journal.close()
    expect(linesOf()).toEqual([
      expect.objectContaining({ schema_version: 1, type: 'new', seq: 0, sent_at: null, before: null }),
      expect.objectContaining({ type: 'end', after: expect.objectContaining({ end_reason: 'score' }) }),
    ])
  })

  it('begins a new file beyond its size and keeps so many old ones', async () => {
    const journal = open(1000)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
      await journal.record(recordOf(change('new', id, 0)), 0)
    await journal.close()
    const all = [`${path()}.2`, `${path()}.1`, path()].flatMap(idsOf)
    expect(all.at(-1)).toBe('new i')
    expect(all).toEqual([...all].sort())
    expect(existsSync(`${path()}.3`)).toBe(false)
  })

  it('does not write again what the outbox tells again after a restart', async () => {
    const first = open()
    await first.record(recordOf(change('new', 'a', 0)), 0)
    await first.close()
    const second = open()
    await second.record(recordOf(change('new', 'a', 0)), 0)
    await second.record(recordOf(change('end', 'a', 1)), 0)
    await second.close()
    expect(idsOf()).toEqual(['new a', 'end a'])
  })

  it('cuts off a line that a killed run left half written', async () => {
    const first = open()
    await first.record(recordOf(change('new', 'a', 0)), 0)
    await first.close()
    appendFileSync(path(), '{"schema_version":1,"ty')
    const second = open()
    await second.record(recordOf(change('new', 'b', 0)), 0)
    await second.close()
    expect(idsOf()).toEqual(['new a', 'new b'])
  })

  it.skipIf(!existsSync('/dev/full'))(
    'says once that the disk is full, goes on, and writes what it held when it can',
    async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const telemetry = createEars()
      // /dev/full takes nothing: a disk without room.
      symlinkSync('/dev/full', path())
      const journal = open(1e9, telemetry)
      await journal.record(recordOf(change('new', 'a', 0)), 0)
      await journal.record(recordOf(change('new', 'b', 0)), 0)
      expect(telemetry.of('SinkFailed')).toEqual([
        { type: 'SinkFailed', sink: 'journal', error: expect.stringContaining('ENOSPC') },
      ])
      rmSync(path())
      await vi.advanceTimersByTimeAsync(1000)
      await journal.close()
      expect(idsOf()).toEqual(['new a', 'new b'])
      expect(telemetry.of('SinkRecovered')).toHaveLength(1)
    },
  )
})
