/** The state of the outbox: waiting changes, their order and bounds. Without I/O: `outbox.ts` adds the disk. */

import type { WatchEvent } from '../../types.ts'
import type { ChangeRecord } from '../eventPayload.ts'
import { endInterrupted, restoreNew } from './endInterrupted.ts'
import { type Bound, exceeded, type OutboxBounds, type OutboxEntry, victimsOf } from './outboxBounds.ts'
import { OutboxEvents } from './outboxEvents.ts'
import type { OutboxRecord } from './outboxRecord.ts'
import { OutboxUnjournaled } from './outboxUnjournaled.ts'
import { PerCameraQueues } from './perCameraQueues.ts'

export class OutboxQueue {
  readonly #bounds: OutboxBounds
  readonly #steady: () => number
  readonly #queues = new PerCameraQueues()
  readonly #events = new OutboxEvents()
  readonly #unjournaled: OutboxUnjournaled
  #nextN = 1

  /** @param steady ms on a monotonic clock */
  constructor(bounds: OutboxBounds, steady: () => number = () => performance.now()) {
    this.#bounds = bounds
    this.#steady = steady
    this.#unjournaled = new OutboxUnjournaled(bounds)
  }

  get size(): number {
    return this.#queues.size
  }

  get bytes(): number {
    return this.#queues.bytes
  }

  /** The highest number that an entry ever had; 0 before the first. */
  get newest(): number {
    return this.#nextN - 1
  }

  get oldest(): OutboxEntry | null {
    const [first] = this.#queues.all()
    return first ?? null
  }

  /**
   * Adds a change. It is held until `release(n)`.
   * @param at ms since the epoch
   * @returns its number, null when its event was dropped before; the records to write; the dropped changes per bound
   */
  put(change: ChangeRecord, at: number): { n: number | null; records: OutboxRecord[]; dropped: Map<Bound, number> } {
    if (this.#events.refuses(change)) {
      // It is not sent, but journaled.
      const records = this.#write({ k: 'unjournaled', n: this.#nextN++, at, change })
      return { n: null, records, dropped: new Map([['count', 1]]) }
    }
    const records: OutboxRecord[] = []
    const merged = this.#coalesce(change, records)
    const n = this.#nextN++
    this.#write({ k: 'put', n, at, change: merged }, records)
    this.#queues.hold(n)
    return { n, records, dropped: this.#shed(records) }
  }

  /** From now on the entry may be sent. */
  release(n: number): void {
    this.#queues.release(n)
  }

  /** The oldest change that is not in the journal; it may have been sent already. */
  get firstUnjournaled(): OutboxEntry | undefined {
    return this.#unjournaled.first
  }

  /** The journal has all changes up to this number. */
  markJournaled(n: number): OutboxRecord[] {
    return this.#write({ k: 'journaled', n })
  }

  /** Drops the oldest unjournaled changes until the bounds hold. @returns how many */
  dropUnjournaled(): { records: OutboxRecord[]; dropped: number } {
    const { n, dropped } = this.#unjournaled.overrun()
    return { records: n === null ? [] : this.markJournaled(n), dropped }
  }

  /** The oldest entry of a camera that has none in flight; it is in flight from now on. Null when there is none. */
  next(): OutboxEntry | null {
    return this.#queues.next()
  }

  /** The entry was acknowledged, or must be sent again. */
  settle(entry: OutboxEntry, delivered: boolean): OutboxRecord[] {
    this.#queues.settle(entry)
    return delivered ? this.#write({ k: 'removed', n: [entry.n] }) : []
  }

  /** The broker takes the entry in no form. It is not sent; if it is the `new` of an event, no later change of it is. */
  setAside(entry: OutboxEntry): OutboxRecord[] {
    this.#queues.settle(entry)
    const { type, after } = entry.change
    return this.#write({ k: 'removed', n: [entry.n], ...(type === 'new' && { setAside: after.id }) })
  }

  /** Whether the broker does not take the `new` of this event. Known until its `end` is settled, also in a later run. */
  isSetAside(id: string): boolean {
    return this.#events.isSetAside(id)
  }

  /** Drops entries above the age bound. */
  expire(): { records: OutboxRecord[]; dropped: Map<Bound, number> } {
    const records: OutboxRecord[] = []
    return { records, dropped: this.#shed(records) }
  }

  /**
   * Applies a record.
   * @param ageMs how long a change has waited already
   */
  apply(record: OutboxRecord, ageMs = 0): void {
    const since = this.#steady() - ageMs
    if (record.k === 'put') this.#add(record, since)
    else if (record.k === 'unjournaled') this.#addUnjournaled(this.#entryOf(record, since))
    else if (record.k === 'journaled') {
      this.#unjournaled.remove(record.n)
      this.#reserve(record.newest ?? record.n)
    } else if (record.k === 'known') this.#events.restore(record.change, record)
    else this.#remove(record)
  }

  /**
   * Repairs the state after a killed run or a damaged file: a change whose `new` is missing gets one, and every open event
   * is ended.
   */
  recover(at: number): { records: OutboxRecord[]; ended: WatchEvent[] } {
    const records: OutboxRecord[] = []
    for (const { n, recordedAt, since, change } of [...this.#queues.all()]) {
      if (!this.#events.isOrphan(change.after.id)) continue
      // Half a step before the orphan: numbers only order and identify.
      const record: OutboxRecord = { k: 'put', n: n - 0.5, at: recordedAt, change: restoreNew(change) }
      this.apply(record, this.#steady() - since)
      records.push(record)
    }
    if (records.length > 0) this.#queues.sort()
    const ends = this.#events.interrupted().map(endInterrupted)
    for (const end of ends) {
      const { n, records: more } = this.put(end, at)
      // It may be sent at once: at the start, the journal gets all changes before delivery begins.
      if (n !== null) this.#queues.release(n)
      records.push(...more)
    }
    return { records, ended: ends.map(({ after }) => after) }
  }

  /** The whole state as records: a compacted log. */
  snapshot(): OutboxRecord[] {
    const records: OutboxRecord[] = [{ k: 'journaled', n: this.#unjournaled.journaledUpTo, newest: this.newest }]
    for (const { last, ...state } of this.#events.introduced())
      records.push({
        k: 'known',
        change: last,
        forgotten: state.forgotten,
        ...(state.isSetAside && { isSetAside: true }),
      })
    for (const { n, recordedAt, change } of this.#unjournaled.all())
      if (!this.#queues.has(n)) records.push({ k: 'unjournaled', n, at: recordedAt, change })
    for (const { n, recordedAt, change } of this.#queues.all()) records.push({ k: 'put', n, at: recordedAt, change })
    return records
  }

  /** Changes the state by the record that is written, so that a replay restores the same state. */
  #write(record: OutboxRecord, records: OutboxRecord[] = []): OutboxRecord[] {
    this.apply(record)
    records.push(record)
    return records
  }

  #add(record: OutboxRecord & { k: 'put' }, since: number): void {
    if (this.#queues.has(record.n)) return
    const entry = this.#entryOf(record, since)
    this.#queues.add(entry)
    this.#events.add(entry.change, entry.n)
    this.#addUnjournaled(entry)
  }

  #addUnjournaled(entry: OutboxEntry): void {
    this.#unjournaled.add(entry)
    this.#reserve(entry.n)
  }

  #entryOf({ n, at, change }: OutboxRecord & { k: 'put' | 'unjournaled' }, since: number): OutboxEntry {
    return { n, recordedAt: at, since, bytes: JSON.stringify(change).length, change }
  }

  /** No number is used twice, also when all entries up to it were removed. */
  #reserve(n: number): void {
    this.#nextN = Math.max(this.#nextN, Math.floor(n) + 1)
  }

  #remove({ n: numbers, forget, setAside }: OutboxRecord & { k: 'removed' }): void {
    if (forget !== undefined) this.#events.forget(forget)
    if (setAside !== undefined) this.#events.setAside(setAside)
    for (const n of numbers) {
      const entry = this.#queues.remove(n)
      if (entry !== undefined) this.#events.remove(entry.change, n)
    }
  }

  /** A later change replaces waiting updates; its `before` then covers the whole step. */
  #coalesce(change: ChangeRecord, records: OutboxRecord[]): ChangeRecord {
    const { id, camera } = change.after
    const replaced = [...this.#queues.idle(camera)].filter(
      ({ change: { type, after } }) => type === 'update' && after.id === id,
    )
    const [oldest] = replaced
    if (change.type === 'new' || oldest === undefined) return change
    this.#write({ k: 'removed', n: replaced.map(({ n }) => n) }, records)
    return { ...change, before: oldest.change.before }
  }

  /** Drops changes until the bounds hold: the oldest whole events first, so that no `end` is sent without its `new`. */
  #shed(records: OutboxRecord[]): Map<Bound, number> {
    const dropped = new Map<Bound, number>()
    const now = this.#steady()
    const overrun = () => {
      const [oldest] = this.#queues.idle()
      return exceeded(this.#bounds, { messages: this.size, bytes: this.bytes, ageMs: now - (oldest?.since ?? now) })
    }
    for (let bound = overrun(); bound !== null; bound = overrun()) {
      const victims = victimsOf([...this.#queues.idle()], bound, now - this.#bounds.maxAgeMs)
      const [first] = victims
      if (first === undefined) break
      const { id } = first.change.after
      const whole = first.change.type === 'new' && this.#events.isOpen(id)
      this.#write({ k: 'removed', n: victims.map(({ n }) => n), ...(whole && { forget: id }) }, records)
      dropped.set(bound, (dropped.get(bound) ?? 0) + victims.length)
    }
    return dropped
  }
}
