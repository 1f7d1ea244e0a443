/** Acquired resources: released in reverse order, all of them, even if one of them throws. */

import { messageOf } from './errors.ts'

export interface Disposables {
  /** Remembers how to give something back. */
  add(what: string, release: () => unknown): void
  /** Gives everything back, the newest first. Resolves to what went wrong, one line each. Once. */
  all(): Promise<string[]>
}

export function createDisposables(): Disposables {
  const held: { what: string; release: () => unknown }[] = []
  return {
    add: (what, release) => held.push({ what, release }),
    async all() {
      const problems: string[] = []
      for (const { what, release } of held.splice(0).reverse()) {
        try {
          await release()
        } catch (error) {
          problems.push(`${what}: ${messageOf(error)}`)
        }
      }
      return problems
    },
  }
}
