/** Runs an outbox as cameras, a broker and a kill -9 would, and counts the changes. */

import { expect } from 'vitest'
import { type ChangeRecord, recordOf } from '../../src/sinks/eventPayload.ts'
import { OutboxQueue } from '../../src/sinks/mqtt/outboxQueue.ts'
import type { OutboxRecord } from '../../src/sinks/mqtt/outboxRecord.ts'
import { change } from './change.ts'

export const WIDE_QUEUE = { maxMessages: 1000, maxBytes: 1e9, maxAgeMs: 1e9 }

export const recordOfChange = (type: 'new' | 'update' | 'end', id: string, seq: number, camera = 'front') =>
  recordOf(change(type, id, seq, { camera }))

/** Puts a change that is free to be sent at once. */
export function putInto(queue: OutboxQueue, record: ChangeRecord, at = 0) {
  const result = queue.put(record, at)
  if (result.n !== null) queue.release(result.n)
  return result
}

export function createOutboxModel(bounds: typeof WIDE_QUEUE) {
  let queue = new OutboxQueue(bounds)
  let log: OutboxRecord[] = []
  const open = new Map<number, { id: string; seq: number }>()
  const sent: ChangeRecord[] = []
  let events = 0
  const counts = { taken: 0, delivered: 0, replaced: 0, dropped: 0 }

  const take = (result: ReturnType<OutboxQueue['put']>) => {
    log.push(...result.records)
    const removed = result.records.flatMap(record => (record.k === 'removed' ? record.n : [])).length
    const dropped = [...result.dropped.values()].reduce((sum, count) => sum + count, 0)
    counts.dropped += dropped
    counts.replaced += removed - (result.n === null ? 0 : dropped)
  }
  const next = (slot: number, type: 'update' | 'end') => {
    const event = open.get(slot)
    if (event === undefined) return
    event.seq++
    if (type === 'end') open.delete(slot)
    counts.taken++
    take(putInto(queue, recordOfChange(type, event.id, event.seq, `camera${slot % 2}`)))
  }
  const settle = (delivered: boolean) => {
    const entry = queue.next()
    if (entry === null) return
    if (delivered) sent.push(entry.change)
    if (delivered) counts.delivered++
    log.push(...queue.settle(entry, delivered))
  }
  return {
    new: (slot: number) => {
      if (open.has(slot)) return
      const id = `e${events++}`
      open.set(slot, { id, seq: 0 })
      counts.taken++
      take(putInto(queue, recordOfChange('new', id, 0, `camera${slot % 2}`)))
    },
    update: (slot: number) => next(slot, 'update'),
    end: (slot: number) => next(slot, 'end'),
    send: () => settle(true),
    fail: () => settle(false),
    compact: () => {
      log = queue.snapshot()
    },
    kill: () => {
      queue = new OutboxQueue(bounds)
      for (const record of log) queue.apply(record)
      const before = queue.size
      const { records, ended } = queue.recover(0)
      log.push(...records)
      open.clear()
      counts.taken += ended.length
      counts.replaced += before + ended.length - queue.size
    },
    check: () => {
      expect(counts.taken).toBe(counts.delivered + counts.replaced + counts.dropped + queue.size)
      expect(queue.size).toBeLessThanOrEqual(bounds.maxMessages)
      while (queue.size > 0) settle(true)
      const last = new Map<string, ChangeRecord>()
      for (const each of sent) {
        const previous = last.get(each.after.id)
        expect(previous === undefined).toBe(each.type === 'new')
        if (previous !== undefined) expect(each.seq).toBeGreaterThan(previous.seq)
        expect(previous?.type).not.toBe('end')
        last.set(each.after.id, each)
      }
    },
  }
}
