/** Acquired resources: released in reverse order, all of them, even if one of them throws. */

import { messageOf } from './errors.ts'

export interface Disposables {
  /** Registers the function that releases a resource. */
  add(what: string, release: () => unknown): void
  /** Releases all resources once, the newest first. Resolves to one line per failure. */
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
