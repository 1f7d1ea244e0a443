/** What waits to be sent, and what must be true of it. Pure state: `outbox.ts` adds the disk. */

import type { WatchEvent } from '../../types.ts'
import type { ChangeRecord } from '../wire.ts'

export interface OutboxBounds {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export type Bound = 'count' | 'bytes' | 'age'

export interface OutboxEntry {
  /** Rises over the whole life of the outbox. */
  readonly n: number
  /** ms since the epoch. */
  readonly recordedAt: number
  /** Of the record on disk. */
  readonly bytes: number
  readonly change: ChangeRecord
}

/** What is written down, in order. Folding all of it gives the state again; doing so twice gives the same. */
export type OutboxRecord =
  | { readonly k: 'put'; readonly n: number; readonly at: number; readonly change: ChangeRecord }
  /** Sent, coalesced or dropped; of the event `forget` nothing more is to be sent. */
  | { readonly k: 'gone'; readonly n: readonly number[]; readonly forget?: string }
  /** An event whose `new` has left already: its last known state. */
  | { readonly k: 'known'; readonly change: ChangeRecord; readonly forgotten: boolean }

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

  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Cameras with an entry on its way. */
  get sending(): number {
    return this.#sending.size
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

  /** From now on the entry may be sent. */
  release(n: number): void {
    this.#held.delete(n)
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
      if (n !== null) this.release(n)
      records.push(...more)
      ended.push(end.after)
    }
    return { records, ended }
  }

  /** Everything worth keeping, as records: a compacted log. */
  snapshot(): OutboxRecord[] {
    const records: OutboxRecord[] = []
    for (const { last, introduced, forgotten } of this.#events.values())
      if (introduced) records.push({ k: 'known', change: last, forgotten })
    for (const { n, recordedAt, change } of this.#entries.values())
      records.push({ k: 'put', n, at: recordedAt, change })
    return records
  }

  /** What waits, oldest first. */
  waiting(): readonly OutboxEntry[] {
    return [...this.#entries.values()]
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
    for (let bound = this.#exceeded(at); bound !== null; bound = this.#exceeded(at)) {
      const victims = this.#victims(bound, at)
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

  #exceeded(at: number): Bound | null {
    if (this.#entries.size > this.#bounds.maxMessages) return 'count'
    if (this.#bytes > this.#bounds.maxBytes) return 'bytes'
    const [oldest] = this.#idle()
    return oldest !== undefined && at - oldest.recordedAt > this.#bounds.maxAgeMs ? 'age' : null
  }

  #victims(bound: Bound, at: number): OutboxEntry[] {
    const idle = [...this.#idle()]
    const tooOld = ({ recordedAt }: OutboxEntry) => at - recordedAt > this.#bounds.maxAgeMs
    const candidates = bound === 'age' ? idle.filter(tooOld) : idle
    const first =
      candidates.find(({ change }) => change.type === 'new') ??
      candidates.find(({ change }) => change.type === 'update') ??
      candidates[0]
    if (first?.change.type !== 'new') return first === undefined ? [] : [first]
    return idle.filter(({ change }) => change.after.id === first.change.after.id)
  }

  *#idle(): Iterable<OutboxEntry> {
    for (const entry of this.#entries.values())
      if (this.#sending.get(entry.change.after.camera) !== entry.n) yield entry
  }
}

/** The `new` that must have been there, from the earliest state that is still known. */
function newFor(change: ChangeRecord): ChangeRecord {
  const first = change.before ?? change.after
  const after: WatchEvent = { ...first, endTime: null, endReason: null }
  return { type: 'new', seq: 0, before: null, after, hasSnapshot: false }
}

/** Ends an event where it was last seen. */
function endFor(last: ChangeRecord): ChangeRecord {
  const after: WatchEvent = { ...last.after, endTime: last.after.frameTime, endReason: 'restart' }
  return { type: 'end', seq: last.seq + 1, before: last.after, after, hasSnapshot: false }
}
