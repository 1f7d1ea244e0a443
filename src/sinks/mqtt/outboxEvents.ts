/** The outbox's books of events: which are open, which others know of, which were given up. */

import type { ChangeRecord } from '../payload.ts'

/** An event that is open or still has something waiting. */
interface Known {
  last: ChangeRecord
  /** Its `new` was seen: it waits or has left. */
  introduced: boolean
  /** Its `new` was dropped: nothing of it is sent any more. */
  forgotten: boolean
  /** Numbers of its changes that have not left. */
  readonly waiting: Set<number>
}

export class OutboxEvents {
  readonly #known = new Map<string, Known>()

  /** A change of it waits, under this number. */
  add(change: ChangeRecord, n: number): void {
    const known = this.#know(change)
    known.waiting.add(n)
    if (change.type === 'new') known.introduced = true
  }

  /** The change with this number waits no more. An event that is over and has left whole is struck off. */
  remove({ after: { id } }: ChangeRecord, n: number): void {
    const known = this.#known.get(id)
    known?.waiting.delete(n)
    if (known?.last.type === 'end' && known.waiting.size === 0) this.#known.delete(id)
  }

  /** Its `new` has left already; `last` is its last known state. */
  restore(last: ChangeRecord, { forgotten }: { forgotten: boolean }): void {
    Object.assign(this.#know(last), { introduced: true, forgotten })
  }

  /** From now on nothing of it is to be sent. */
  forget(id: string): void {
    const known = this.#known.get(id)
    if (known !== undefined) known.forgotten = true
  }

  /** This change is of an event that was given up. Its `end` is the last that is heard of it. */
  refuses({ type, after: { id } }: ChangeRecord): boolean {
    const isForgotten = this.#known.get(id)?.forgotten === true
    if (isForgotten && type === 'end') this.#known.delete(id)
    return isForgotten
  }

  /** Something of it waits, and its `new` is missing. */
  isOrphan(id: string): boolean {
    return this.#known.get(id)?.introduced === false
  }

  /** More is to come of it. */
  isOpen(id: string): boolean {
    const known = this.#known.get(id)
    return known !== undefined && known.last.type !== 'end'
  }

  /** What a killed run left open, as last known. What was given up is struck off: nobody else knows of it. */
  interrupted(): ChangeRecord[] {
    for (const [id, { forgotten, last }] of this.#known) if (forgotten && last.type !== 'end') this.#known.delete(id)
    return [...this.#known.values()].flatMap(({ last }) => (last.type === 'end' ? [] : last))
  }

  /** Those that others know of or will, as last known. */
  *introduced(): Iterable<{ readonly last: ChangeRecord; readonly forgotten: boolean }> {
    for (const known of this.#known.values()) if (known.introduced) yield known
  }

  #know(change: ChangeRecord): Known {
    const { id } = change.after
    const known = this.#known.get(id) ?? { last: change, introduced: false, forgotten: false, waiting: new Set() }
    if (change.seq >= known.last.seq) known.last = change
    this.#known.set(id, known)
    return known
  }
}
