/** The answers in force, by the place where their images count as examples. */

import type { Example } from '../scoringTypes.ts'
import type { Light } from '../types.ts'
import { float16ToFloat32 } from '../util/float16.ts'
import type { Answer } from './answer.ts'

/** Images are compared with others of the same camera, world and light only. */
export interface AnswerPlace {
  readonly camera: string
  /** `whole`, `crop` or `zone-NAME` */
  readonly world: string
  readonly light: Light
  readonly event: string
}

/** @returns in the order of the answers; of one place always the same array */
export type AnswerBook = (place: AnswerPlace) => readonly Example[]

const NONE: readonly Example[] = []

/** No answers. */
export const EMPTY_BOOK: AnswerBook = () => NONE

/** @param model images of other models and variants are left out: they cannot be compared */
export function answerBook(
  answers: readonly Answer[],
  model: { readonly sha256: string; readonly variant: string; readonly dim: number },
): AnswerBook {
  const places = new Map<string, Example[]>()
  for (const { camera, event, yes, at, image } of answers) {
    if (image === null || image.sha256 !== model.sha256 || image.variant !== model.variant) continue
    if (image.vector.length !== model.dim) continue
    const key = keyOf({ camera, event, world: image.world, light: image.light })
    const examples = places.get(key) ?? []
    places.set(key, examples)
    examples.push({ embedding: float16ToFloat32(image.vector), at, yes })
  }
  return place => places.get(keyOf(place)) ?? NONE
}

function keyOf({ camera, world, light, event }: AnswerPlace): string {
  return JSON.stringify([camera, world, light, event])
}
