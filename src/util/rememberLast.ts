/** Wraps a function so that its last result is used again while its argument, compared as JSON, stays the same. */

export function rememberLast<A, R>(compute: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  let last: { readonly key: string; readonly result: Promise<R> } | null = null
  return argument => {
    const key = JSON.stringify(argument)
    if (last?.key === key) return last.result
    const result = compute(argument)
    const current = { key, result }
    last = current
    // A failure is not remembered: the next call tries again.
    result.catch(() => {
      if (last === current) last = null
    })
    return result
  }
}
