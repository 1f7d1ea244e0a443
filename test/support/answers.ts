/** Made-up answers. */

import type { Answer } from '../../src/answers/answer.ts'
import { float32ToFloat16 } from '../../src/util/float16.ts'
import { axis } from './embeddings.ts'

export const ANSWER_MODEL = { sha256: 'ab'.repeat(32), variant: 'int8' }

export function answerOf(id: string, rest: Partial<Answer> = {}): Answer {
  return {
    id,
    camera: 'front',
    event: 'person_walking',
    yes: true,
    answeredAt: 1000,
    isEvent: true,
    at: 500,
    score: 0.75,
    phrases: '0123456789ab',
    image: { ...ANSWER_MODEL, world: 'crop', light: 'night', vector: float32ToFloat16(axis(0)) },
    ...rest,
  }
}
