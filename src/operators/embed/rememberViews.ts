/** The newest embedding of each view of one camera, and whether an unchanged view may reuse it. */

import type { EncodedView, MarkedFrame, PartialView } from '../../types.ts'
import { reusedView } from './reusedView.ts'

export interface ViewMemory {
  /** A frame arrived: views that are not still now show something that has no embedding yet. */
  expect(frame: MarkedFrame, number: number): void
  /** The frame's views that must be encoded. */
  missing(frame: MarkedFrame): readonly PartialView[]
  /** The frame's other views, with the embeddings that they reuse. */
  reusable(frame: MarkedFrame): readonly EncodedView[]
  /** Views of a frame were encoded. */
  keep(views: readonly EncodedView[], number: number): void
  clear(): void
}

interface Remembered {
  /** Arrival number of the newest frame in which the view was not still. */
  reference: number
  /** Arrival number of the frame whose embedding this is. */
  number: number
  /** What was encoded; null before the first time. */
  encoded: EncodedView | null
}

/** Arrival numbers count up from 1. */
export function rememberViews(): ViewMemory {
  const views = new Map<string, Remembered>()
  const reusedBy = (view: PartialView): EncodedView | null => {
    const known = views.get(view.id)
    if (!view.still || known === undefined || known.number < known.reference || known.encoded === null) return null
    return reusedView(view, known.encoded)
  }
  return {
    expect: (frame, number) => {
      for (const { id, still } of frame.views) {
        const known = views.get(id)
        if (known === undefined) views.set(id, { reference: number, number: 0, encoded: null })
        else if (!still) known.reference = number
      }
      for (const id of [...views.keys()]) if (!frame.views.some(view => view.id === id)) views.delete(id)
    },
    missing: frame => frame.views.filter(view => reusedBy(view) === null),
    reusable: frame =>
      frame.views.flatMap(view => {
        const encoded = reusedBy(view)
        return encoded === null ? [] : [encoded]
      }),
    keep: (encoded, number) => {
      for (const one of encoded) {
        const known = views.get(one.view.id)
        // The view may have ended while it was encoded.
        if (known !== undefined) Object.assign(known, { number, encoded: one })
      }
    },
    clear: () => views.clear(),
  }
}
