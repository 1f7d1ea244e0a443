import { appendFileSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ChangePayload, recordOf } from '../../src/sinks/eventPayload.ts'
import { openJournal } from '../../src/sinks/journal.ts'
import { change } from '../support/change.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

let dir: string
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => {
  vi.useRealTimers()
})

const path = () => join(dir, 'events.jsonl')
const open = (maxBytes = 1e9, telemetry = recordTelemetry(), keep = 2) =>
  openJournal({ path: path(), maxBytes, keep, telemetry })
const linesOf = (file = path()) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as ChangePayload)
const idsOf = (file?: string) => linesOf(file).map(({ type, after }) => `${type} ${after.id}`)

describe('openJournal', () => {
  it('writes a line per change, with the names of the payload', async () => {
    const journal = open()
    await journal.record(recordOf(change('new', 'a', 0)), 0)
    await journal.record(recordOf(change('end', 'a', 1)), 0)
    await journal.close()
    expect(linesOf()).toEqual([
      expect.objectContaining({ schema_version: 1, type: 'new', seq: 0, sent_at: null, before: null }),
      expect.objectContaining({ type: 'end', after: expect.objectContaining({ end_reason: 'score' }) }),
    ])
  })

  it('begins a new file above its size and keeps a number of old ones', async () => {
    const journal = open(1000)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])
      await journal.record(recordOf(change('new', id, 0)), 0)
    await journal.close()
    const all = [`${path()}.2`, `${path()}.1`, path()].flatMap(idsOf)
    expect(all.at(-1)).toBe('new i')
    expect(all).toEqual([...all].sort())
    expect(existsSync(`${path()}.3`)).toBe(false)
  })

  it('does not write changes twice that the outbox repeats after a restart', async () => {
    const first = open()
    await first.record(recordOf(change('new', 'a', 0)), 0)
    await first.close()
    const second = open()
    await second.record(recordOf(change('new', 'a', 0)), 0)
    await second.record(recordOf(change('end', 'a', 1)), 0)
    await second.close()
    expect(idsOf()).toEqual(['new a', 'end a'])
  })

  it('removes an incomplete line of a killed run', async () => {
    const first = open()
    await first.record(recordOf(change('new', 'a', 0)), 0)
    await first.close()
    appendFileSync(path(), '{"schema_version":1,"ty')
    const second = open()
    await second.record(recordOf(change('new', 'b', 0)), 0)
    await second.close()
    expect(idsOf()).toEqual(['new a', 'new b'])
  })

  it.skipIf(!existsSync('/dev/full'))('reports once that the disk is full, and once that it works again', async () => {
    const telemetry = recordTelemetry()
    // Every write to /dev/full fails, as on a full disk.
    symlinkSync('/dev/full', path())
    const journal = open(1e9, telemetry)
    expect(await journal.record(recordOf(change('new', 'a', 0)), 0)).toBe(false)
    expect(await journal.record(recordOf(change('new', 'b', 0)), 0)).toBe(false)
    expect(telemetry.of('SinkFailed')).toEqual([
      { type: 'SinkFailed', sink: 'journal', error: `Cannot write ${path()}: the disk is full` },
    ])
    rmSync(path())
    expect(await journal.record(recordOf(change('new', 'a', 0)), 0)).toBe(true)
    await journal.close()
    expect(idsOf()).toEqual(['new a'])
    expect(telemetry.of('SinkRecovered')).toHaveLength(1)
  })

  it.each(['file', 'folder', 'file, another one in its place'])(
    'begins again when another program deletes its %s',
    async what => {
      const telemetry = recordTelemetry()
      const deep = join(dir, 'data', 'events.jsonl')
      const journal = openJournal({ path: deep, maxBytes: 1e9, keep: 2, telemetry })
      await journal.record(recordOf(change('new', 'a', 0)), 0)
      rmSync(what === 'folder' ? join(dir, 'data') : deep, { recursive: true })
      if (what.includes('another')) writeFileSync(deep, '')
      expect(await journal.record(recordOf(change('new', 'b', 0)), 0)).toBe(true)
      await journal.close()
      expect(idsOf(deep)).toEqual(['new b'])
      expect(telemetry.of('SinkFailed')).toEqual([
        { type: 'SinkFailed', sink: 'journal', error: expect.stringContaining(`${deep} was deleted or replaced`) },
      ])
      expect(telemetry.of('SinkRecovered')).toHaveLength(1)
    },
  )

  it('notices a deleted file also without a write', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const telemetry = recordTelemetry()
    const journal = open(1e9, telemetry)
    await journal.record(recordOf(change('new', 'a', 0)), 0)
    rmSync(path())
    await vi.advanceTimersByTimeAsync(2000)
    await vi.waitFor(() => expect(telemetry.of('SinkRecovered')).toHaveLength(1))
    expect(existsSync(path())).toBe(true)
    await journal.close()
  })

  it('is readable only by its owner, with any umask', async () => {
    const before = process.umask(0o000)
    try {
      const deep = join(dir, 'made', 'events.jsonl')
      const journal = openJournal({ path: deep, maxBytes: 1, keep: 2, telemetry: recordTelemetry() })
      for (const id of ['a', 'b']) await journal.record(recordOf(change('new', id, 0)), 0)
      await journal.close()
      for (const file of [deep, `${deep}.1`]) expect(statSync(file).mode & 0o777, file).toBe(0o600)
      expect(statSync(join(dir, 'made')).mode & 0o777).toBe(0o700)
    } finally {
      process.umask(before)
    }
  })
})
