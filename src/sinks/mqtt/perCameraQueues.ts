/** The waiting changes of the outbox, oldest first, in one queue per camera; one change per queue is in flight at a time. */

import type { OutboxEntry } from './outboxBounds.ts'

export class PerCameraQueues {
  /** Oldest first. */
  readonly #entries = new Map<number, OutboxEntry>()
  /** Camera → its entries, oldest first. */
  readonly #queues = new Map<string, Map<number, OutboxEntry>>()
  /** Camera → the entry in flight. One at a time keeps the order on any network. */
  readonly #sending = new Map<string, number>()
  readonly #held = new Set<number>()
  #bytes = 0

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(n: number): boolean {
    return this.#entries.has(n)
  }

  /** Appends the entry, whatever its number; `sort` restores the order. */
  add(entry: OutboxEntry): void {
    this.#entries.set(entry.n, entry)
    const { camera } = entry.change.after
    this.#queues.set(camera, (this.#queues.get(camera) ?? new Map()).set(entry.n, entry))
    this.#bytes += entry.bytes
  }

  /** @returns the removed entry */
  remove(n: number): OutboxEntry | undefined {
    const entry = this.#entries.get(n)
    if (entry === undefined) return undefined
    const { camera } = entry.change.after
    this.#entries.delete(n)
    this.#held.delete(n)
    this.#bytes -= entry.bytes
    const queue = this.#queues.get(camera)
    queue?.delete(n)
    if (queue?.size === 0) this.#queues.delete(camera)
    return entry
  }

  /** It must not be sent before `release`. */
  hold(n: number): void {
    this.#held.add(n)
  }

  release(n: number): void {
    this.#held.delete(n)
  }

  /** The oldest entry of a queue that has none in flight; it is in flight from now on. Null when there is none. */
  next(): OutboxEntry | null {
    for (const [camera, queue] of this.#queues) {
      if (this.#sending.has(camera)) continue
      const [first] = queue.values()
      if (first === undefined || this.#held.has(first.n)) continue
      this.#sending.set(camera, first.n)
      return first
    }
    return null
  }

  /** An entry from `next` is no longer in flight. */
  settle({ change }: OutboxEntry): void {
    this.#sending.delete(change.after.camera)
  }

  all(): Iterable<OutboxEntry> {
    return this.#entries.values()
  }

  /** The entries that are not in flight, of one camera or of all. */
  *idle(camera?: string): Iterable<OutboxEntry> {
    const entries = camera === undefined ? this.#entries : this.#queues.get(camera)
    for (const entry of entries?.values() ?? [])
      if (this.#sending.get(entry.change.after.camera) !== entry.n) yield entry
  }

  /** Sorts the entries by number. */
  sort(): void {
    const sorted = [...this.#entries.values()].sort((a, b) => a.n - b.n)
    this.#entries.clear()
    this.#queues.clear()
    this.#bytes = 0
    for (const entry of sorted) this.add(entry)
  }
}
