/** What waits in the outbox, oldest first, in a queue per camera: one of a queue is on its way at a time. */

import type { OutboxEntry } from './outboxRules.ts'

export class PerCameraQueues {
  /** Oldest first. */
  readonly #entries = new Map<number, OutboxEntry>()
  /** Camera → its entries, oldest first. */
  readonly #queues = new Map<string, Map<number, OutboxEntry>>()
  /** Camera → the entry on its way. One at a time keeps the order whatever the network does. */
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

  /** Behind all others, whatever its number: `sort` puts it in its place. */
  add(entry: OutboxEntry): void {
    this.#entries.set(entry.n, entry)
    const { camera } = entry.change.after
    this.#queues.set(camera, (this.#queues.get(camera) ?? new Map()).set(entry.n, entry))
    this.#bytes += entry.bytes
  }

  /** @returns what was removed */
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

  /** It is not to be sent before `release_threshold`. */
  hold(n: number): void {
    this.#held.add(n)
  }

  release(n: number): void {
    this.#held.delete(n)
  }

  /** The oldest entry of a queue that has none on its way; it now is. Null when there is none. */
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

  /** What `next` gave is on its way no more. */
  settle({ change }: OutboxEntry): void {
    this.#sending.delete(change.after.camera)
  }

  all(): Iterable<OutboxEntry> {
    return this.#entries.values()
  }

  /** What is not on its way, of one camera or of all. */
  *idle(camera?: string): Iterable<OutboxEntry> {
    const entries = camera === undefined ? this.#entries : this.#queues.get(camera)
    for (const entry of entries?.values() ?? [])
      if (this.#sending.get(entry.change.after.camera) !== entry.n) yield entry
  }

  /** By number. */
  sort(): void {
    const sorted = [...this.#entries.values()].sort((a, b) => a.n - b.n)
    this.#entries.clear()
    this.#queues.clear()
    this.#bytes = 0
    for (const entry of sorted) this.add(entry)
  }
}
