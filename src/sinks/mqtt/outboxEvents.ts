/** Keeps track of the events in the outbox: which are open, whose `new` was seen, which were dropped. */

import type { ChangeRecord } from '../eventPayload.ts'

/** An event that is open or has waiting changes. */
interface Known {
  last: ChangeRecord
  /** Its `new` waits or was sent. */
  introduced: boolean
  /** Its `new` was dropped: its later changes are not sent. */
  forgotten: boolean
  /** The broker does not take its `new`: its later changes are not sent. */
  isSetAside: boolean
  /** Numbers of its waiting changes. */
  readonly waiting: Set<number>
}

export class OutboxEvents {
  readonly #known = new Map<string, Known>()

  /** A change waits under this number. */
  add(change: ChangeRecord, n: number): void {
    const known = this.#know(change)
    known.waiting.add(n)
    if (change.type === 'new') known.introduced = true
  }

  /** The change with this number no longer waits. An event that has ended and has no waiting change is deleted. */
  remove({ after: { id } }: ChangeRecord, n: number): void {
    const known = this.#known.get(id)
    known?.waiting.delete(n)
    if (known?.last.type === 'end' && known.waiting.size === 0) this.#known.delete(id)
  }

  /** Adds an event whose `new` was already sent; `last` is its last known state. */
  restore(last: ChangeRecord, { forgotten, isSetAside = false }: { forgotten: boolean; isSetAside?: boolean }): void {
    Object.assign(this.#know(last), { introduced: true, forgotten, isSetAside })
  }

  /** Later changes of this event must not be sent. */
  forget(id: string): void {
    const known = this.#known.get(id)
    if (known !== undefined) known.forgotten = true
  }

  /** The broker does not take the `new` of this event. */
  setAside(id: string): void {
    const known = this.#known.get(id)
    if (known !== undefined) known.isSetAside = true
  }

  isSetAside(id: string): boolean {
    return this.#known.get(id)?.isSetAside === true
  }

  /** Whether this change belongs to a dropped event. Its `end` deletes the event. */
  refuses({ type, after: { id } }: ChangeRecord): boolean {
    const isForgotten = this.#known.get(id)?.forgotten === true
    if (isForgotten && type === 'end') this.#known.delete(id)
    return isForgotten
  }

  /** Whether changes of this event wait and its `new` is missing. */
  isOrphan(id: string): boolean {
    return this.#known.get(id)?.introduced === false
  }

  /** Whether the event has not ended. */
  isOpen(id: string): boolean {
    const known = this.#known.get(id)
    return known !== undefined && known.last.type !== 'end'
  }

  /** The last states of events that a killed run left open. Dropped events are deleted: consumers never saw their `new`. */
  interrupted(): ChangeRecord[] {
    for (const [id, { forgotten, last }] of this.#known) if (forgotten && last.type !== 'end') this.#known.delete(id)
    return [...this.#known.values()].flatMap(({ last }) => (last.type === 'end' ? [] : last))
  }

  /** The last states of events whose `new` waits or was sent. */
  *introduced(): Iterable<Pick<Known, 'last' | 'forgotten' | 'isSetAside'>> {
    for (const known of this.#known.values()) if (known.introduced) yield known
  }

  #know(change: ChangeRecord): Known {
    const { id } = change.after
    const known = this.#known.get(id) ?? {
      last: change,
      introduced: false,
      forgotten: false,
      isSetAside: false,
      waiting: new Set(),
    }
    if (change.seq >= known.last.seq) known.last = change
    this.#known.set(id, known)
    return known
  }
}
