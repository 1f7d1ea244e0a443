/** Finds in the history what the encoder saw at a moment. */

import type { AnsweredImage } from '../../answers/answer.ts'
import type { HistoryReader } from '../../history/history.ts'
import { WHOLE_VIEW } from '../../operators/views/wholeView.ts'
import { worldOf } from '../../operators/views/worldOf.ts'
import type { Box, EncodedFrame, ViewKind } from '../../types.ts'
import { float32ToFloat16 } from '../../util/float16.ts'

export interface Moment {
  readonly camera: string
  /** Capture time, ms since the epoch. */
  readonly at: number
  readonly view: ViewKind
  /** Of what was seen, in fractions of the image; null: unknown. */
  readonly box: Box | null
}

/** A frame further away shows something else. */
const REACH_MS = 2000

/** @returns null when nothing was stored then */
export async function answeredImage(
  { camera, at, view, box }: Moment,
  reader: Pick<HistoryReader, 'read'>,
  { sha256, variant }: Pick<AnsweredImage, 'sha256' | 'variant'>,
): Promise<AnsweredImage | null> {
  let nearest: { readonly seen: Seen; readonly distance: number } | null = null
  for await (const signal of reader.read({ camera, from: at - REACH_MS, to: at + REACH_MS + 1 })) {
    if (signal.kind === 'status') continue
    const seen = seenIn(signal, view, box)
    const distance = Math.abs(signal.frame.capturedAt - at)
    if (seen !== null && (nearest === null || distance < nearest.distance)) nearest = { seen, distance }
  }
  if (nearest === null) return null
  const { world, frame, embedding } = nearest.seen
  return { sha256, variant, world, light: frame.frame.light, vector: float32ToFloat16(embedding) }
}

interface Seen {
  readonly world: string
  readonly frame: EncodedFrame
  readonly embedding: Float32Array
}

/** The view of this kind that lies where the event was. */
function seenIn(frame: EncodedFrame, kind: ViewKind, box: Box | null): Seen | null {
  if (kind === 'whole') return { world: WHOLE_VIEW, frame, embedding: frame.embedding }
  const overlap = (other: Box) => (box === null ? 0 : sharedArea(box, other))
  const views = frame.views.filter(({ view }) => view.kind === kind)
  const [best] = views.sort((a, b) => overlap(b.view.subject) - overlap(a.view.subject))
  return best === undefined ? null : { world: worldOf(best.view), frame, embedding: best.embedding }
}

/** Intersection over union. */
function sharedArea(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x))
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y))
  const shared = width * height
  return shared / Math.max(Number.EPSILON, a.width * a.height + b.width * b.height - shared)
}
