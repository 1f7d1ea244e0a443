/** The changes that are not in the journal yet, oldest first, whether or not they were sent. */

import type { OutboxBounds, OutboxEntry } from './outboxBounds.ts'

export class OutboxUnjournaled {
  readonly #bounds: Pick<OutboxBounds, 'maxMessages' | 'maxBytes'>
  readonly #entries = new Map<number, OutboxEntry>()
  #journaledUpTo = 0
  #bytes = 0
  #isSorted = true
  #newest = 0

  constructor(bounds: Pick<OutboxBounds, 'maxMessages' | 'maxBytes'>) {
    this.#bounds = bounds
  }

  /** The journal has all changes up to this number. */
  get journaledUpTo(): number {
    return this.#journaledUpTo
  }

  get first(): OutboxEntry | undefined {
    return this.#sorted().values().next().value
  }

  all(): Iterable<OutboxEntry> {
    return this.#sorted().values()
  }

  /** Ignores an entry that the journal already has. */
  add(entry: OutboxEntry): void {
    if (entry.n <= this.#journaledUpTo || this.#entries.has(entry.n)) return
    this.#entries.set(entry.n, entry)
    this.#bytes += entry.bytes
    // A replayed file is not in the order of the numbers.
    if (entry.n < this.#newest) this.#isSorted = false
    this.#newest = Math.max(this.#newest, entry.n)
  }

  /** The journal now has all changes up to this number. */
  remove(n: number): void {
    this.#journaledUpTo = Math.max(this.#journaledUpTo, n)
    for (const entry of this.#sorted().values()) {
      if (entry.n > n) return
      this.#entries.delete(entry.n)
      this.#bytes -= entry.bytes
    }
  }

  /** How many of the oldest entries exceed the bounds, and the number of the last of them. */
  overrun(): { n: number | null; dropped: number } {
    let [n, messages, bytes]: [number | null, number, number] = [null, this.#entries.size, this.#bytes]
    for (const entry of this.#sorted().values()) {
      if (messages <= this.#bounds.maxMessages && bytes <= this.#bounds.maxBytes) break
      n = entry.n
      messages--
      bytes -= entry.bytes
    }
    return { n, dropped: this.#entries.size - messages }
  }

  #sorted(): Map<number, OutboxEntry> {
    if (this.#isSorted) return this.#entries
    this.#isSorted = true
    const sorted = [...this.#entries.values()].sort((a, b) => a.n - b.n)
    this.#entries.clear()
    for (const entry of sorted) this.#entries.set(entry.n, entry)
    return this.#entries
  }
}
