/** Makes an object whose keys are names that users choose, without a prototype. */

/** As `Object.fromEntries`, without inherited keys: a camera named `constructor` is not found unless it is there. */
export function byName<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}
