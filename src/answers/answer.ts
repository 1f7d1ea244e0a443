/** What a person says about an event: it was right, or it was wrong. */

import type { Light } from '../types.ts'

export interface Answer {
  /** Of the event, or `momentId` of a moment. A later answer about the same replaces this one. */
  readonly id: string
  readonly camera: string
  readonly event: string
  /** True: the event was there. */
  readonly yes: boolean
  /** ms since the epoch. */
  readonly answeredAt: number
  /** False: a moment that was no event. */
  readonly isEvent: boolean
  /** Capture time of the image, ms since the epoch; of an event at its peak. */
  readonly at: number
  /** Smoothed score then, [0, 1]; of an event at its peak. Null: unknown, as for a moment. */
  readonly score: number | null
  /** `phrasesHash` of the event when it was answered: an answer outlives a reworded event. */
  readonly phrases: string | null
  /** Null: the history had no image of that time. Such an answer counts for the odds alone. */
  readonly image: AnsweredImage | null
}

/** What the encoder saw. */
export interface AnsweredImage {
  /** sha256 of the image encoder. */
  readonly sha256: string
  readonly variant: string
  /** `whole`, `crop` or `zone-NAME`: of the view that decided. */
  readonly world: string
  readonly light: Light
  /** [dim] float16, L2-normalised. */
  readonly vector: Uint16Array
}

/** The id of an answer about a moment. No event has such an id: it has slashes. */
export function momentId({ camera, event, at }: Pick<Answer, 'camera' | 'event' | 'at'>): string {
  return `${camera}/${event}/${at}`
}
