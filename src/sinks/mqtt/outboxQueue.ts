/** What waits to be sent, and what must be true of it. Pure state: `outbox.ts` adds the disk. */

import type { WatchEvent } from '../../types.ts'
import type { ChangeRecord } from '../wire.ts'
import {
  type Bound,
  endFor,
  exceeded,
  newFor,
  type OutboxBounds,
  type OutboxEntry,
  type OutboxRecord,
  victimsOf,
} from './outboxRules.ts'

/** An event that is open or still has something waiting. */
interface Known {
  last: ChangeRecord
  /** Its `new` was seen: it waits or has left. */
  introduced: boolean
  /** Its `new` was dropped: nothing of it is sent any more. */
  forgotten: boolean
  /** Entries of it that have not left. */
  readonly waiting: Set<number>
}

export class OutboxQueue {
  readonly #bounds: OutboxBounds
  /** Oldest first. */
  readonly #entries = new Map<number, OutboxEntry>()
  /** Camera → its entries, oldest first. */
  readonly #cameras = new Map<string, Map<number, OutboxEntry>>()
  /** Camera → the entry on its way. One at a time keeps the order whatever the network does. */
  readonly #sending = new Map<string, number>()
  readonly #held = new Set<number>()
  readonly #events = new Map<string, Known>()
  #bytes = 0
  #nextN = 1
  #told = 0

  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The number of the newest entry there ever was; 0 before the first. */
  get newest(): number {
    return this.#nextN - 1
  }

  /**
   * Takes in a change. It waits until `release(n)`.
   * @returns its number, null when its event was dropped before; what to write down; what the bounds cost
   */
  put(change: ChangeRecord, at: number): { n: number | null; records: OutboxRecord[]; dropped: Map<Bound, number> } {
    const known = this.#events.get(change.after.id)
    if (known?.forgotten === true) {
      if (change.type === 'end') this.#events.delete(change.after.id)
      return { n: null, records: [], dropped: new Map([['count', 1]]) }
    }
    const records: OutboxRecord[] = []
    const merged = this.#coalesce(change, records)
    const n = this.#nextN++
    const record: OutboxRecord = { k: 'put', n, at, change: merged }
    records.push(record)
    this.apply(record)
    this.#held.add(n)
    return { n, records, dropped: this.#shed(at, records) }
  }

  /** The journal has it: from now on the entry may be sent. */
  release(n: number): OutboxRecord[] {
    this.#held.delete(n)
    const record: OutboxRecord = { k: 'told', n }
    this.apply(record)
    return [record]
  }

  /** The oldest entry of a camera that has none on its way; it now is. Null when there is none. */
  next(): OutboxEntry | null {
    for (const [camera, entries] of this.#cameras) {
      if (this.#sending.has(camera)) continue
      const [first] = entries.values()
      if (first === undefined || this.#held.has(first.n)) continue
      this.#sending.set(camera, first.n)
      return first
    }
    return null
  }

  /** The entry came back: acknowledged, or to be tried again. */
  settle(entry: OutboxEntry, delivered: boolean): OutboxRecord[] {
    this.#sending.delete(entry.change.after.camera)
    if (!delivered) return []
    const record: OutboxRecord = { k: 'gone', n: [entry.n] }
    this.apply(record)
    return [record]
  }

  /** Drops what is older than the bound allows. */
  expire(at: number): { records: OutboxRecord[]; dropped: Map<Bound, number> } {
    const records: OutboxRecord[] = []
    return { records, dropped: this.#shed(at, records) }
  }

  /** Folds in what was written down. */
  apply(record: OutboxRecord): void {
    if (record.k === 'put') this.#add(record)
    else if (record.k === 'told') this.#told = Math.max(this.#told, record.n)
    else if (record.k === 'known')
      Object.assign(this.#know(record.change), { introduced: true, forgotten: record.forgotten })
    else {
      const known = record.forget === undefined ? undefined : this.#events.get(record.forget)
      if (known !== undefined) known.forgotten = true
      for (const n of record.n) this.#remove(n)
    }
  }

  /**
   * Makes whole what a killed run and a damaged file left: a change whose `new` is missing gets one, and every open
   * event is ended.
   */
  recover(at: number): { records: OutboxRecord[]; ended: WatchEvent[] } {
    const records: OutboxRecord[] = []
    for (const entry of [...this.#entries.values()]) {
      if (this.#events.get(entry.change.after.id)?.introduced !== false) continue
      // Half a step before the orphan: numbers only order and identify.
      const record: OutboxRecord = { k: 'put', n: entry.n - 0.5, at: entry.recordedAt, change: newFor(entry.change) }
      records.push(record)
      this.apply(record)
    }
    if (records.length > 0) this.#sort()
    const ended: WatchEvent[] = []
    for (const [id, known] of [...this.#events]) {
      if (known.last.type === 'end') continue
      if (known.forgotten) {
        this.#events.delete(id)
        continue
      }
      const end = endFor(known.last)
      const { n, records: more } = this.put(end, at)
      // It may be sent at once, but the journal has yet to be told of it.
      if (n !== null) this.#held.delete(n)
      records.push(...more)
      ended.push(end.after)
    }
    return { records, ended }
  }

  /** Everything worth keeping, as records: a compacted log. */
  snapshot(): OutboxRecord[] {
    const records: OutboxRecord[] = [{ k: 'told', n: this.#told }]
    for (const { last, introduced, forgotten } of this.#events.values())
      if (introduced) records.push({ k: 'known', change: last, forgotten })
    for (const { n, recordedAt, change } of this.#entries.values())
      records.push({ k: 'put', n, at: recordedAt, change })
    return records
  }

  /** What waits and may not be in the journal yet, oldest first. */
  untold(): readonly OutboxEntry[] {
    return [...this.#entries.values()].filter(({ n }) => n > this.#told)
  }

  #add({ n, at, change }: OutboxRecord & { k: 'put' }): void {
    if (this.#entries.has(n)) return
    const { camera } = change.after
    const entry: OutboxEntry = { n, recordedAt: at, bytes: JSON.stringify(change).length, change }
    this.#entries.set(n, entry)
    const queue = this.#cameras.get(camera) ?? new Map<number, OutboxEntry>()
    this.#cameras.set(camera, queue.set(n, entry))
    this.#bytes += entry.bytes
    this.#nextN = Math.max(this.#nextN, Math.floor(n) + 1)
    const known = this.#know(change)
    known.waiting.add(n)
    if (change.type === 'new') known.introduced = true
  }

  /** The event's place in the books, with `change` as its last known state. */
  #know(change: ChangeRecord): Known {
    const { id } = change.after
    const known = this.#events.get(id) ?? { last: change, introduced: false, forgotten: false, waiting: new Set() }
    if (change.seq >= known.last.seq) known.last = change
    this.#events.set(id, known)
    return known
  }

  #sort(): void {
    const sorted = [...this.#entries.values()].sort((a, b) => a.n - b.n)
    this.#entries.clear()
    this.#cameras.clear()
    for (const entry of sorted) {
      this.#entries.set(entry.n, entry)
      const { camera } = entry.change.after
      this.#cameras.set(camera, (this.#cameras.get(camera) ?? new Map()).set(entry.n, entry))
    }
  }

  #remove(n: number): void {
    const entry = this.#entries.get(n)
    if (entry === undefined) return
    const { id, camera } = entry.change.after
    this.#entries.delete(n)
    this.#held.delete(n)
    this.#bytes -= entry.bytes
    const queue = this.#cameras.get(camera)
    queue?.delete(n)
    if (queue?.size === 0) this.#cameras.delete(camera)
    const known = this.#events.get(id)
    known?.waiting.delete(n)
    if (known?.last.type === 'end' && known.waiting.size === 0) this.#events.delete(id)
  }

  /** Updates that still wait are replaced by a later change, which then tells the whole step. */
  #coalesce(change: ChangeRecord, records: OutboxRecord[]): ChangeRecord {
    const { id, camera } = change.after
    const replaced = [...(this.#cameras.get(camera)?.values() ?? [])].filter(
      ({ n, change: { type, after } }) => type === 'update' && after.id === id && this.#sending.get(camera) !== n,
    )
    const [oldest] = replaced
    if (change.type === 'new' || oldest === undefined) return change
    const record: OutboxRecord = { k: 'gone', n: replaced.map(({ n }) => n) }
    records.push(record)
    this.apply(record)
    return { ...change, before: oldest.change.before }
  }

  /** Drops until the bounds hold: whole events first, the oldest first, so that no `end` comes without its `new`. */
  #shed(at: number, records: OutboxRecord[]): Map<Bound, number> {
    const dropped = new Map<Bound, number>()
    const overrun = () => {
      const [oldest] = this.#idle()
      return exceeded(this.#bounds, { messages: this.size, bytes: this.#bytes, oldestAt: oldest?.recordedAt ?? at }, at)
    }
    for (let bound = overrun(); bound !== null; bound = overrun()) {
      const victims = victimsOf([...this.#idle()], bound, at - this.#bounds.maxAgeMs)
      const [first] = victims
      if (first === undefined) break
      const { id } = first.change.after
      const whole = first.change.type === 'new' && this.#events.get(id)?.last.type !== 'end'
      const record: OutboxRecord = { k: 'gone', n: victims.map(({ n }) => n), ...(whole && { forget: id }) }
      records.push(record)
      this.apply(record)
      dropped.set(bound, (dropped.get(bound) ?? 0) + victims.length)
    }
    return dropped
  }

  *#idle(): Iterable<OutboxEntry> {
    for (const entry of this.#entries.values())
      if (this.#sending.get(entry.change.after.camera) !== entry.n) yield entry
  }
}
