import { copyFileSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openOutbox } from '../../../src/sinks/mqtt/outbox.ts'
import type { RecordChange } from '../../../src/sinks/mqtt/outboxJournal.ts'
import { change } from '../../support/change.ts'
import { drainOutbox, useOutboxFile, WIDE } from '../../support/outboxFile.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'

const { pathOf } = useOutboxFile()

afterEach(() => void vi.useRealTimers())

describe('the journal', () => {
  const openWith = (record: RecordChange, telemetry = recordTelemetry(), path = pathOf()) =>
    openOutbox({ ...WIDE, path, telemetry, record })
  const recorder = () => {
    const written: string[] = []
    const record: RecordChange = async ({ type, after }) => {
      written.push(`${type} ${after.id}`)
      return true
    }
    return { written, record }
  }
  /** What a kill -9 leaves now. */
  const killed = (name: string) => {
    copyFileSync(pathOf(), pathOf(name))
    return pathOf(name)
  }

  it.each([1, 2, 5])('gets what a killed run left, also %i runs without an event after the last one', async runs => {
    const first = await openWith(recorder().record)
    for (const id of ['a', 'b', 'c']) {
      await first.put(change('new', id, 0))
      await first.put(change('end', id, 1))
      drainOutbox(first)
    }
    await first.close()
    for (let i = 0; i < runs; i++) await (await openWith(recorder().record)).close()

    const second = await openWith(recorder().record)
    expect(second.newest, 'no number is given twice').toBe(6)
    await second.put(change('new', 'd', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf(), 'utf8')).toContain('{"k":"journaled","n":7}'))
    const path = killed('killed')
    const { written, record } = recorder()
    const third = await openWith(record, recordTelemetry(), path)
    expect(written).toEqual(['end d'])
    expect(drainOutbox(third)).toEqual(['new d', 'end d restart'])
    await second.close()
    await third.close()
  })

  it('gets no change that is not on disk yet', async () => {
    const { written, record } = recorder()
    const outbox = await openWith(async (each, at) => {
      expect(readFileSync(pathOf(), 'utf8')).toContain(`"id":"${each.after.id}"`)
      return record(each, at)
    })
    await Promise.all(['a', 'b', 'c'].map(id => outbox.put(change('new', id, 0))))
    expect(written).toEqual(['new a', 'new b', 'new c'])
    await outbox.close()
  })

  it('that fails does not stop delivery, and gets the changes sent meanwhile: later, and after a kill', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { written, record } = recorder()
    let fails = true
    const outbox = await openWith(async (each, at) => !fails && record(each, at))
    await outbox.put(change('new', 'a', 0))
    await outbox.put(change('end', 'a', 1))
    await outbox.put(change('new', 'b', 0))
    expect(drainOutbox(outbox)).toEqual(['new a', 'end a score', 'new b'])
    await vi.waitFor(() => expect(readFileSync(pathOf(), 'utf8').match(/"removed"/g)).toHaveLength(3))

    const other = recorder()
    const next = await openWith(other.record, recordTelemetry(), killed('killed'))
    expect(other.written).toEqual(['new a', 'end a', 'new b', 'end b'])
    await next.close()

    fails = false
    await vi.advanceTimersByTimeAsync(1000)
    await vi.waitFor(() => expect(written).toEqual(['new a', 'end a', 'new b']))
    await outbox.close()
    const last = await openWith(other.record)
    expect(other.written.slice(4), 'no change is offered twice').toEqual(['end b'])
    await last.close()
  })

  it('gets missing changes after several runs, and after a rewrite of the outbox file', async () => {
    for (const id of ['a', 'b']) {
      const outbox = await openWith(async () => false)
      await outbox.put(change('new', id, 0))
      drainOutbox(outbox)
      await outbox.close()
    }
    const { written, record } = recorder()
    const outbox = await openWith(record)
    expect(written).toEqual(['new a', 'end a', 'new b', 'end b'])
    expect(drainOutbox(outbox)).toEqual(['end b restart'])
    await outbox.close()
  })

  it('whose disk hangs is waited for once, reported, and catches up when the disk answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const telemetry = recordTelemetry()
    const { written, record } = recorder()
    let answer = () => {}
    const disk = new Promise<void>(resolve => {
      answer = resolve
    })
    const outbox = await openWith(async (each, at) => {
      await disk
      return record(each, at)
    }, telemetry)
    const first = outbox.put(change('new', 'a', 0))
    await vi.waitFor(() => expect(readFileSync(pathOf(), 'utf8')).toContain('"id":"a"'))
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    await vi.advanceTimersByTimeAsync(2000)
    await first
    await outbox.put(change('end', 'a', 1))
    await outbox.put(change('new', 'b', 0))
    expect(drainOutbox(outbox)).toEqual(['new a', 'end a score', 'new b'])
    expect(telemetry.of('SinkFailed')).toEqual([
      { type: 'SinkFailed', sink: 'journal', error: expect.stringContaining('has not answered for 2 s') },
    ])
    answer()
    await vi.waitFor(() => expect(telemetry.of('SinkRecovered')).toHaveLength(1))
    expect(written).toEqual(['new a', 'end a', 'new b'])
    await outbox.close()
  })

  it('whose disk hangs does not delay the close', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const outbox = await openWith(() => new Promise(() => {}))
    const stored = outbox.put(change('new', 'a', 0))
    const closed = outbox.close()
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    await vi.advanceTimersByTimeAsync(4000)
    await Promise.all([stored, closed])
  })

  it('that lacks more changes than the bounds allow loses the oldest, and this is reported', async () => {
    const telemetry = recordTelemetry()
    const outbox = await openOutbox({
      ...WIDE,
      maxMessages: 3,
      path: pathOf(),
      telemetry,
      record: async () => false,
    })
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await outbox.put(change('new', id, 0))
      drainOutbox(outbox)
    }
    expect(telemetry.of('SinkFailed')[0]?.error).toContain('the oldest 1 are not written to it')
    await outbox.close()
    const { written, record } = recorder()
    const next = await openWith(record)
    expect(written.slice(0, 3)).toEqual(['new c', 'new d', 'new e'])
    await next.close()
  })
})
