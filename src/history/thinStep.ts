/** Chooses the rows of a long event that are kept: all at first, then ever fewer, and always the highest score. Pure. */

import type { TraceRow } from './eventTrace.ts'

export interface Thinning {
  readonly kept: number
  readonly firstAt: number
  readonly lastAt: number
  /** Highest value that was kept. */
  readonly best: number
  /** The highest row since the last one that was kept. */
  readonly pending: Valued | null
}

interface Valued {
  readonly row: TraceRow
  /** How strongly it speaks for the event. */
  readonly value: number
}

/** So many rows are all kept: 50 s at 5 fps. */
export const FULL_ROWS = 250
/** Afterwards a row is kept when this fraction of the time since the first one has passed: a day makes about 400 more. */
const GAP_FRACTION = 1 / 50

/** @returns the rows to keep now, in order of time */
export function thinStep(state: Thinning | null, next: Valued): readonly [Thinning, readonly TraceRow[]] {
  const { row, value } = next
  if (state === null) return [{ kept: 1, firstAt: row.at, lastAt: row.at, best: value, pending: null }, [row]]
  const pending = state.pending === null || value > state.pending.value ? next : state.pending
  const gap = state.kept < FULL_ROWS ? 0 : (state.lastAt - state.firstAt) * GAP_FRACTION
  if (row.at - state.lastAt < gap) return [{ ...state, pending }, []]
  const rows = pending.row !== row && pending.value > state.best ? [pending.row, row] : [row]
  const best = Math.max(state.best, pending.value)
  return [{ ...state, kept: state.kept + rows.length, lastAt: row.at, best, pending: null }, rows]
}

/** The peak that was not kept yet. */
export function lastPeak({ pending, best }: Thinning): readonly TraceRow[] {
  return pending !== null && pending.value > best ? [pending.row] : []
}
