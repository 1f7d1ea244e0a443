import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { changePayload } from '../../../src/sinks/eventPayload.ts'
import { openOutbox } from '../../../src/sinks/mqtt/outbox.ts'
import { lineOf } from '../../../src/sinks/mqtt/outboxRecord.ts'
import type { WatchEvent } from '../../../src/types.ts'
import { change } from '../../support/change.ts'
import { drainOutbox, useOutboxFile, WIDE } from '../../support/outboxFile.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'

const { folder, open, pathOf } = useOutboxFile()

afterEach(() => void vi.useRealTimers())

describe('openOutbox', () => {
  it('stores a change on disk at once', async () => {
    const outbox = await open()
    await outbox.put(change('new', 'a', 0))
    // No close, as after kill -9.
    expect(readFileSync(pathOf(), 'utf8')).toContain('"id":"a"')
    const next = await open()
    expect(next.interrupted.map(({ id }) => id)).toEqual(['a'])
    expect(drainOutbox(next)).toEqual(['new a', 'end a restart'])
    await next.close()
    const last = await open()
    expect(last.size).toBe(0)
    expect(last.interrupted).toEqual([])
    await outbox.close()
    await last.close()
  })

  it('reads the changes of an older version, which stored neither place nor reason', async () => {
    const old = ({ where: _, why: __, ...event }: WatchEvent) => event as WatchEvent
    const { type, seq, before, after } = change('update', 'a', 1)
    const stored = { type, seq, before: before && old(before), after: old(after), hasSnapshot: true }
    const line = lineOf({ k: 'put', n: 1, at: 0, change: stored })
    expect(line).not.toMatch(/where|why/)
    writeFileSync(pathOf(), line)
    const outbox = await open()
    const places: unknown[] = []
    const reasons: unknown[] = []
    for (let entry = outbox.next(); entry !== null; entry = outbox.next()) {
      const payload = changePayload(entry.change, { recordedAt: 0, sentAt: null, replayed: true })
      places.push(payload.before?.where, payload.after.where)
      reasons.push(payload.before?.why, payload.after.why)
      outbox.settle(entry, true)
    }
    // The lost `new`, and the `end` that replaced the update.
    expect(places).toEqual([undefined, null, null, null])
    expect(reasons).toEqual([undefined, null, null, null])
    await outbox.close()
  })

  it('sends no change before the journal has it', async () => {
    let written = () => {}
    const onDisk: boolean[] = []
    const record = vi.fn(({ after }: { after: { id: string } }) => {
      onDisk.push(readFileSync(pathOf(), 'utf8').includes(`"id":"${after.id}"`))
      return new Promise<boolean>(resolve => {
        written = () => resolve(true)
      })
    })
    const outbox = await openOutbox({ ...WIDE, path: pathOf(), telemetry: recordTelemetry(), record })
    const stored = outbox.put(change('new', 'a', 0))
    await vi.waitFor(() => expect(record).toHaveBeenCalledOnce())
    expect(onDisk, 'the disk has it before the journal').toEqual([true])
    expect(outbox.next()).toBeNull()
    written()
    await stored
    expect(outbox.next()?.change.after.id).toBe('a')
    await outbox.close()
  })

  it('writes to the journal what a killed run may not have written, and nothing else', async () => {
    const recorded: string[] = []
    const record = async ({ type, after }: { type: string; after: { id: string } }) => {
      recorded.push(`${type} ${after.id}`)
      return true
    }
    const first = await openOutbox({ ...WIDE, path: pathOf(), telemetry: recordTelemetry(), record })
    await first.put(change('new', 'a', 0))
    // Killed while it wrote b to the journal.
    const killed = await openOutbox({
      ...WIDE,
      path: pathOf('b'),
      telemetry: recordTelemetry(),
      record: () => new Promise(() => {}),
    })
    void killed.put(change('new', 'b', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf('b'), 'utf8')).toContain('"id":"b"'))
    await first.close()
    recorded.length = 0
    const second = await openOutbox({ ...WIDE, path: pathOf(), telemetry: recordTelemetry(), record })
    expect(recorded).toEqual(['end a'])
    const third = await openOutbox({ ...WIDE, path: pathOf('b'), telemetry: recordTelemetry(), record })
    expect(recorded).toEqual(['end a', 'new b', 'end b'])
    await second.close()
    await third.close()
    recorded.length = 0
    const fourth = await openOutbox({ ...WIDE, path: pathOf('b'), telemetry: recordTelemetry(), record })
    expect(recorded).toEqual([])
    expect(fourth.size).toBe(2)
    await fourth.close()
    await killed.close()
  })

  it('keeps its file small: sent changes are removed by a compaction', async () => {
    const outbox = await open()
    for (let i = 0; i < 700; i++) {
      await outbox.put(change('new', `event-${i}`, 0))
      await outbox.put(change('end', `event-${i}`, 1))
      drainOutbox(outbox)
    }
    await outbox.close()
    expect(readFileSync(pathOf()).length).toBeLessThan(300_000)
  })

  it.each([20, 400, -400])('drops nothing because the clock is %i days off after a start', async days => {
    const outbox = await open()
    await outbox.put(change('new', 'a', 0))
    await outbox.close()
    const now = () => Date.now() + days * 86_400_000
    const next = await openOutbox({
      ...WIDE,
      maxAgeMs: 7 * 86_400_000,
      path: pathOf(),
      telemetry: recordTelemetry(),
      now,
    })
    expect(drainOutbox(next)).toEqual(['new a', 'end a restart'])
    await next.close()
  })

  it('names the path that it cannot read', async () => {
    mkdirSync(pathOf('folder'))
    await expect(open(pathOf('folder'))).rejects.toMatchObject({
      code: 'outbox-unreadable',
      message: expect.stringContaining('folder'),
    })
  })

  it.skipIf(!existsSync('/dev/full'))('reports a full disk, and recovers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const first = await open()
    await first.put(change('new', 'a', 0))
    await first.close()
    const telemetry = recordTelemetry()
    // Writes to /dev/full fail; the existing file stays unchanged.
    symlinkSync('/dev/full', pathOf('outbox.log.part'))
    const second = await open(pathOf(), telemetry)
    expect(telemetry.of('SinkFailed')[0]?.error).toBe(`Cannot write ${pathOf()}: the disk is full`)
    await second.put(change('new', 'b', 0))
    expect(telemetry.of('SinkRecovered')).toHaveLength(1)
    expect(drainOutbox(second)).toEqual(['new a', 'end a restart', 'new b'])
    await second.close()
  })

  it('continues in memory while the disk fails, reports it once, and writes all changes when it can', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const telemetry = recordTelemetry()
    // A folder where the new file should be: every write fails, as on a full disk.
    mkdirSync(pathOf('outbox.log.part'))
    const outbox = await open(pathOf(), telemetry)
    await outbox.put(change('new', 'a', 0))
    await outbox.put(change('new', 'b', 0))
    expect(telemetry.of('SinkFailed')).toEqual([{ type: 'SinkFailed', sink: 'outbox', error: expect.any(String) }])
    rmSync(pathOf('outbox.log.part'), { recursive: true })
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitFor(() => expect(telemetry.of('SinkRecovered')).toHaveLength(1))
    expect(readFileSync(pathOf(), 'utf8')).toMatch(/"id":"a"[\s\S]*"id":"b"/)
    expect(drainOutbox(outbox)).toEqual(['new a', 'new b'])
    await outbox.close()
  })
})

it('is readable only by its owner, with any umask', async () => {
  const before = process.umask(0o000)
  try {
    const path = join(folder(), 'made', 'outbox.log')
    writeFileSync(pathOf('damaged'), '00000000 \n')
    for (const each of [path, pathOf('damaged')]) await (await open(each)).close()
    expect(statSync(join(folder(), 'made')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder()).filter(each => each.startsWith('damaged')))
      expect(statSync(pathOf(name)).mode & 0o777, name).toBe(0o600)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})
