import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChangeRecord } from '../../../src/sinks/eventPayload.ts'
import { OutboxQueue } from '../../../src/sinks/mqtt/outboxQueue.ts'
import { createOutboxModel, putInto, recordOfChange, WIDE_QUEUE } from '../../support/outboxModel.ts'

const WIDE = WIDE_QUEUE
const c = recordOfChange
const put = putInto

/** Takes and settles all entries; returns them as `type id seq`. */
function drain(queue: OutboxQueue): string[] {
  const out: string[] = []
  for (let entry = queue.next(); entry !== null; entry = queue.next()) {
    out.push(name(entry.change))
    queue.settle(entry, true)
  }
  return out
}

const name = ({ type, seq, after }: ChangeRecord) => `${type} ${after.id} ${seq}`

describe('OutboxQueue', () => {
  it('returns one change per camera at a time, in order', () => {
    const queue = new OutboxQueue(WIDE)
    put(queue, c('new', 'a', 0))
    put(queue, c('end', 'a', 1))
    put(queue, c('new', 'b', 0, 'yard'))
    const first = queue.next()
    const other = queue.next()
    expect([first, other].map(entry => entry && name(entry.change))).toEqual(['new a 0', 'new b 0'])
    expect(queue.next()).toBeNull()
    if (first !== null) queue.settle(first, false)
    expect(drain(queue)).toEqual(['new a 0', 'end a 1'])
    expect(queue.size).toBe(1)
  })

  it('holds a change until it is released', () => {
    const queue = new OutboxQueue(WIDE)
    const { n } = queue.put(c('new', 'a', 0), 0)
    expect(queue.next()).toBeNull()
    queue.release(n ?? -1)
    expect(queue.next()?.change.seq).toBe(0)
  })

  it('replaces waiting updates, and keeps the step since the sent state', () => {
    const queue = new OutboxQueue(WIDE)
    put(queue, c('new', 'a', 0))
    const first = queue.next()
    put(queue, c('update', 'a', 1))
    put(queue, c('update', 'a', 2))
    put(queue, c('end', 'a', 3))
    if (first !== null) queue.settle(first, true)
    const end = queue.next()
    expect(end && name(end.change)).toBe('end a 3')
    expect(end?.change.before).toEqual(c('update', 'a', 1).before)
    expect(queue.size).toBe(1)
  })

  it('an event whose beginning the broker does not take stays set aside until its end, also after a restart', () => {
    const queue = new OutboxQueue(WIDE)
    put(queue, c('new', 'a', 0))
    const entry = queue.next()
    const log = [...queue.snapshot(), ...(entry === null ? [] : queue.setAside(entry))]
    put(queue, c('new', 'b', 0))
    expect([queue.isSetAside('a'), queue.isSetAside('b')]).toEqual([true, false])

    const replayed = new OutboxQueue(WIDE)
    for (const record of log) replayed.apply(record)
    const compacted = new OutboxQueue(WIDE)
    for (const record of replayed.snapshot()) compacted.apply(record)
    const { ended } = compacted.recover(0)
    expect(ended.map(({ id }) => id)).toEqual(['a'])
    expect(compacted.isSetAside('a')).toBe(true)
    const end = compacted.next()
    if (end !== null) compacted.setAside(end)
    expect([compacted.isSetAside('a'), compacted.size]).toEqual([false, 0])
  })

  it('keeps an update that is in flight', () => {
    const queue = new OutboxQueue(WIDE)
    put(queue, c('new', 'a', 0))
    drain(queue)
    put(queue, c('update', 'a', 1))
    const sending = queue.next()
    put(queue, c('update', 'a', 2))
    expect(queue.size).toBe(2)
    if (sending !== null) queue.settle(sending, true)
    expect(drain(queue)).toEqual(['update a 2'])
  })

  it('drops the oldest whole event over the count, and its later changes', () => {
    const queue = new OutboxQueue({ ...WIDE, maxMessages: 2 })
    put(queue, c('new', 'a', 0))
    put(queue, c('new', 'b', 0))
    expect(put(queue, c('new', 'c', 0)).dropped).toEqual(new Map([['count', 1]]))
    expect(put(queue, c('end', 'a', 1))).toMatchObject({ n: null, dropped: new Map([['count', 1]]) })
    expect(drain(queue)).toEqual(['new b 0', 'new c 0'])
  })

  it('drops updates before the end of an event whose new was sent', () => {
    const queue = new OutboxQueue({ ...WIDE, maxMessages: 2 })
    put(queue, c('new', 'a', 0))
    put(queue, c('new', 'b', 0))
    drain(queue)
    put(queue, c('end', 'a', 1))
    put(queue, c('update', 'b', 1))
    put(queue, c('new', 'd', 0))
    expect(drain(queue)).toEqual(['end a 1', 'update b 1'])
  })

  it('drops by bytes and by age', () => {
    const bytes = JSON.stringify(c('new', 'a', 0)).length
    const small = new OutboxQueue({ ...WIDE, maxBytes: bytes * 1.5 })
    put(small, c('new', 'a', 0))
    expect(put(small, c('new', 'b', 0)).dropped).toEqual(new Map([['bytes', 1]]))
    expect(small.bytes).toBe(bytes)

    let now = 0
    const young = new OutboxQueue({ ...WIDE, maxAgeMs: 100 }, () => now)
    put(young, c('new', 'a', 0))
    now = 60
    put(young, c('new', 'b', 0))
    now = 101
    expect(young.expire().dropped).toEqual(new Map([['age', 1]]))
    expect(drain(young)).toEqual(['new b 0'])
  })

  it('drops no change because the wall clock was set: a machine without a clock boots in 1970', () => {
    let now = 0
    const queue = new OutboxQueue({ ...WIDE, maxAgeMs: 100 }, () => now)
    put(queue, c('new', 'a', 0), 0)
    now = 50
    expect(put(queue, c('new', 'b', 0), Date.UTC(2026, 0, 1)).dropped).toEqual(new Map())
    put(queue, c('new', 'c', 0), 0)
    expect(queue.expire().dropped).toEqual(new Map())
    now = 101
    expect(queue.expire().dropped).toEqual(new Map([['age', 1]]))
    expect(drain(queue)).toEqual(['new b 0', 'new c 0'])
  })

  it('counts the time that a change has waited in an earlier run', () => {
    const queue = new OutboxQueue({ ...WIDE, maxAgeMs: 100 }, () => 1000)
    queue.apply({ k: 'put', n: 1, at: 0, change: c('new', 'a', 0) }, 101)
    queue.apply({ k: 'put', n: 2, at: 0, change: c('end', 'a', 1) }, 90)
    queue.apply({ k: 'put', n: 3, at: 0, change: c('new', 'b', 0) }, 99)
    queue.apply({ k: 'put', n: 4, at: 0, change: c('end', 'b', 1) }, 0)
    expect(queue.expire().dropped).toEqual(new Map([['age', 2]]))
    expect(drain(queue)).toEqual(['new b 0', 'end b 1'])
  })

  it('ends the open events of a killed run at their last frame', () => {
    const before = new OutboxQueue(WIDE)
    const records = [
      ...put(before, c('new', 'a', 0)).records,
      ...put(before, c('new', 'b', 0)).records,
      ...put(before, c('end', 'b', 1)).records,
    ]
    const after = new OutboxQueue(WIDE)
    for (const record of records) after.apply(record)
    const { ended } = after.recover(5)
    expect(ended).toEqual([
      expect.objectContaining({ id: 'a', endReason: 'restart', endTime: c('new', 'a', 0).after.frameTime }),
    ])
    expect(drain(after)).toEqual(['new a 0', 'new b 0', 'end b 1', 'end a 1'])
  })

  it('reconstructs a lost new', () => {
    const queue = new OutboxQueue(WIDE)
    queue.apply({ k: 'put', n: 7, at: 0, change: c('end', 'a', 3) })
    queue.recover(0)
    const first = queue.next()
    expect(first?.change).toMatchObject({ type: 'new', seq: 0, before: null, after: { endTime: null } })
    if (first !== null) queue.settle(first, true)
    expect(drain(queue)).toEqual(['end a 3'])
  })

  it('sends no end without its new and loses no change without a report, in any order of steps', () => {
    const step = fc.record({
      act: fc.constantFrom('new', 'update', 'end', 'send', 'fail', 'compact', 'kill'),
      slot: fc.nat(3),
    })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.integer({ min: 2, max: 8 }),
        (steps, maxMessages) => {
          const model = createOutboxModel({ ...WIDE, maxMessages })
          for (const { act, slot } of steps) model[act](slot)
          model.check()
        },
      ),
      { numRuns: 500, seed: 1 },
    )
  })
})
