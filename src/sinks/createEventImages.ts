/** The images of event changes: the snapshot with a box, and the crop. All sinks share one drawing of a change. */

import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EventChange } from '../types.ts'
import { messageOf } from '../util/errors.ts'
import type { WhereImages, WhereInput } from './drawWhere.ts'
import { createSinkHealth } from './sink.ts'

/** JPEG. */
export interface EventImages {
  /** null: the change has none. */
  readonly snapshot: Uint8Array | null
  /** null: the whole image decided, or the crop could not be made. */
  readonly crop: Uint8Array | null
}

/** Resolves within `LIMIT_MS`, with the plain snapshot where nothing is drawn. Never rejects. */
export type ImagesOf = (change: EventChange) => Promise<EventImages>

export interface EventImageOptions {
  /** Aborting `signal` ends it early. Settles when its process has ended. */
  readonly draw: (input: WhereInput, signal: AbortSignal) => Promise<WhereImages>
  readonly telemetry: Telemetry
}

/** A busy machine needs half a second. */
export const LIMIT_MS = 5000
/** Drawings at once: each is a process, and the cameras need the processor. */
const AT_ONCE = 2
/** Drawings that wait; beyond it the oldest is not made. */
const MOST_WAITING = 32

interface Drawing {
  readonly input: WhereInput
  readonly limit: AbortController
  readonly resolve: (images: WhereImages) => void
  readonly reject: (error: unknown) => void
}

export function createEventImages({ draw, telemetry }: EventImageOptions): { imagesOf: ImagesOf; close(): void } {
  const health = createSinkHealth('snapshots', telemetry)
  const waiting: Drawing[] = []
  const running = new Set<Drawing>()
  /** A change goes to several sinks. */
  const known = new WeakMap<EventChange, Promise<EventImages>>()
  let isClosed = false

  const pump = () => {
    while (running.size < AT_ONCE) {
      const drawing = waiting.shift()
      if (drawing === undefined) return
      running.add(drawing)
      const ended = draw(drawing.input, drawing.limit.signal).then(drawing.resolve, drawing.reject)
      void ended.then(() => {
        running.delete(drawing)
        pump()
      })
    }
  }
  const inTurn = async (input: WhereInput): Promise<WhereImages> => {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(new Error(`it took more than ${LIMIT_MS / 1000} s`)), LIMIT_MS)
    try {
      return await new Promise<WhereImages>((resolve, reject) => {
        const drawing = { input, limit, resolve, reject }
        limit.signal.addEventListener('abort', () => {
          if (waiting.includes(drawing)) waiting.splice(waiting.indexOf(drawing), 1)
          reject(limit.signal.reason)
        })
        waiting.push(drawing)
        pump()
        if (waiting.length > MOST_WAITING) waiting[0]?.limit.abort(new Error(`${MOST_WAITING} others wait`))
      })
    } finally {
      clearTimeout(timer)
    }
  }
  const drawn = async (plain: EventImages, input: WhereInput): Promise<EventImages> => {
    try {
      const images = await inTurn(input)
      health.worked()
      return images
    } catch (error) {
      if (!isClosed)
        health.failed(
          new Error(
            `cannot draw where an event was, so its snapshot has no box, and there is no crop: ${messageOf(error)}`,
          ),
        )
      return plain
    }
  }
  return {
    imagesOf: change => {
      const plain = { snapshot: change.snapshot, crop: null }
      const input = whereInput(change)
      if (input === null || isClosed) return Promise.resolve(plain)
      const images = known.get(change) ?? drawn(plain, input)
      known.set(change, images)
      return images
    },
    close: () => {
      isClosed = true
      for (const { limit } of [...waiting, ...running]) limit.abort(new Error('stopped'))
    },
  }
}

/** What is drawn for a change; null: nothing, because it has no snapshot or the whole image decided. */
export function whereInput({ snapshot, viewImage, after: { where } }: EventChange): WhereInput | null {
  return snapshot === null || viewImage === null || where === null ? null : { snapshot, viewImage, where }
}
