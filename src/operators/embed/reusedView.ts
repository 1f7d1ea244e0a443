/** A view that keeps its last embedding: it also shows what was encoded then, so that an event shows what decided. */

import type { EncodedView, PartialView } from '../../types.ts'

export function reusedView(now: PartialView, { view: { pixels, box }, embedding }: EncodedView): EncodedView {
  return { view: { ...now, pixels, box }, embedding, reused: true }
}
