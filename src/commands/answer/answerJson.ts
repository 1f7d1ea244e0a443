/** An answer as JSON, for programs: times in seconds since the epoch. */

import type { Answer } from '../../answers/answer.ts'

export function answerJson({ id, camera, event, yes, answeredAt, isEvent, at, score, phrases, image }: Answer) {
  return {
    id,
    camera,
    event,
    right: yes,
    answered_at: answeredAt / 1000,
    is_event: isEvent,
    at: at / 1000,
    score,
    phrases,
    image: image && { model_sha256: image.sha256, variant: image.variant, world: image.world, light: image.light },
  }
}
