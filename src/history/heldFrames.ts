/** The newest frames of one camera, until it is certain which of their vectors are kept. */

import type { EncodedFrame, Signal, View } from '../types.ts'
import { WHOLE_IMAGE } from '../util/polygon.ts'
import type { HistoryBatch, Picture } from './historyProtocol.ts'
import { createNovelty } from './novelty.ts'
import { type HistoryModel, NO_VECTOR, SAME_VECTOR, type StoredSignal, type StoredView } from './storedFrame.ts'

export interface HeldFramesOptions {
  readonly camera: string
  /** So long frames wait, and so long frames after `keepExact` are kept exactly; ms. */
  readonly holdMs: number
  readonly thumbnails: boolean
  readonly dim: HistoryModel['dim']
  /** Steady clock, ms. */
  readonly now: () => number
}

export interface HeldFrames {
  /** @returns false when too many wait already */
  take(signal: Signal<EncodedFrame>): boolean
  /** The frames held, and those of the next `holdMs`, keep the vectors of their near copies. */
  keepExact(): void
  /** Those that have waited long enough, or all of them; null when there are none. */
  release(all: boolean): HistoryBatch | null
  /** What was released before may be lost: nothing refers to it any longer. */
  forget(): void
}

interface Held {
  readonly takenAt: number
  readonly signal: StoredSignal
  /** Per view of the signal; null: none. */
  readonly embeddings: readonly (Float32Array | null)[]
  readonly pictures: readonly Picture[]
}

/** Thumbnails of one camera: this many a second on average, and so many at once. They are most of the bytes. */
const USUAL_THUMBNAILS = { perSecond: 0.1, atOnce: 10 }
/** Beside those, while something may begin or goes on. */
const EVENT_THUMBNAILS = { perSecond: 0.5, atOnce: 10 }
/** Frames that wait at most, whatever happens to the timers. */
const MOST_HELD = 3000

export function createHeldFrames({ camera, holdMs, thumbnails, dim, now }: HeldFramesOptions): HeldFrames {
  const held: Held[] = []
  const stored = createNovelty()
  const pictured = createNovelty()
  const usual = createAllowance(USUAL_THUMBNAILS, now)
  const forEvents = createAllowance(EVENT_THUMBNAILS, now)
  let exactUntil = Number.NEGATIVE_INFINITY
  let exactFrom = Number.POSITIVE_INFINITY

  const picturesOf = (encoded: EncodedFrame): Picture[] => {
    const { frame, embedding, reused, views } = encoded
    const at = frame.capturedAt
    const allowance = now() <= exactUntil && forEvents.has() ? forEvents : usual
    const isWanted = (id: string, vector: Float32Array) => allowance.has() && pictured.keeps(id, vector, at, false)
    const pictures: Picture[] = []
    if (frame.jpeg !== null && !reused && isWanted('whole', embedding)) {
      allowance.spend()
      pictures.push({ at, view: 'whole', image: { jpeg: new Uint8Array(frame.jpeg) } })
    }
    for (const { view, embedding: vector, reused: isOld } of views) {
      if (isOld || !isWanted(view.id, vector)) continue
      allowance.spend()
      pictures.push({ at, view: view.id, image: { pixels: new Uint8Array(view.pixels), size: frame.size } })
    }
    pictured.retain(['whole', ...frame.views.map(({ id }) => id)])
    return pictures
  }

  return {
    take: signal => {
      if (held.length >= MOST_HELD) return false
      const takenAt = now()
      if (signal.kind === 'status') held.push({ takenAt, signal, embeddings: [], pictures: [] })
      else held.push({ takenAt, ...withoutImages(signal), pictures: thumbnails ? picturesOf(signal) : [] })
      return true
    },
    keepExact: () => {
      const at = now()
      if (at > exactUntil) exactFrom = at - holdMs
      exactUntil = at + holdMs
    },
    release: all => {
      const before = all ? Number.POSITIVE_INFINITY : now() - holdMs
      const end = held.findIndex(({ takenAt }) => takenAt > before)
      const released = held.splice(0, end < 0 ? held.length : end)
      if (released.length === 0) return null
      const vectors: Float32Array[] = []
      const signals = released.map(({ signal, embeddings, takenAt }): StoredSignal => {
        if (signal.kind === 'status') {
          if (signal.state !== 'online') stored.clear()
          return signal
        }
        const isExact = takenAt >= exactFrom && takenAt <= exactUntil
        const views = signal.views.map((view, i): StoredView => {
          const embedding = embeddings[i] ?? null
          if (embedding === null) return view
          if (!stored.keeps(view.id, embedding, signal.at, isExact)) return { ...view, vector: SAME_VECTOR }
          vectors.push(embedding)
          return { ...view, vector: vectors.length - 1 }
        })
        stored.retain(signal.views.map(({ id }) => id))
        return { ...signal, views }
      })
      const joined = new Float32Array(vectors.length * dim)
      for (const [i, vector] of vectors.entries()) joined.set(vector, i * dim)
      return { camera, signals, vectors: joined, pictures: released.flatMap(({ pictures }) => pictures) }
    },
    forget: () => stored.clear(),
  }
}

/** What is stored of a frame. Its images can go. */
function withoutImages({ frame, embedding, reused, views }: EncodedFrame): Pick<Held, 'signal' | 'embeddings'> {
  const { capturedAt, seq, size, problem, light, motion, settled, still } = frame
  const whole = {
    id: 'whole',
    kind: 'whole',
    box: WHOLE_IMAGE,
    subject: WHOLE_IMAGE,
    zones: {},
    motion,
    settled,
    still,
    reused,
  } as const
  const encodedViews = new Map(views.map(each => [each.view.id, each]))
  const stored = [
    { ...whole, vector: NO_VECTOR },
    ...frame.views.map(view => storedView(view, encodedViews.get(view.id)?.reused ?? false)),
  ]
  const embeddings = [embedding, ...frame.views.map(({ id }) => encodedViews.get(id)?.embedding ?? null)]
  return { signal: { kind: 'frame', at: capturedAt, seq, size, problem, light, views: stored }, embeddings }
}

function storedView({ id, kind, box, subject, zones, motion, settled, still }: View, reused: boolean): StoredView {
  return { id, kind, box, subject, zones: { ...zones }, motion, settled, still, reused, vector: NO_VECTOR }
}

interface Allowance {
  has(): boolean
  spend(): void
}

/** A token bucket. */
function createAllowance(rate: typeof USUAL_THUMBNAILS, now: () => number): Allowance {
  let [tokens, at] = [rate.atOnce, now()]
  return {
    has: () => {
      const elapsed = now() - at
      tokens = Math.min(rate.atOnce, tokens + (elapsed / 1000) * rate.perSecond)
      at += elapsed
      return tokens >= 1
    },
    spend: () => {
      tokens--
    },
  }
}
