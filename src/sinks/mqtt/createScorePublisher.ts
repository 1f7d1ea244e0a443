/** Publishes scores every few seconds, for a graph: not retained, and skipped while the broker is unreachable. */

import type { ScoredFrame } from '../../types.ts'
import type { Connection } from './connection.ts'
import type { Topics } from './topics.ts'

export interface ScorePublisherOptions {
  readonly topics: Topics
  readonly knows: (camera: string, event: string) => boolean
  /** null while disconnected. */
  readonly connection: () => Connection | null
}

interface SentScore {
  readonly at: number
  readonly score: string
}

/** ms between two scores of an event, in frame time. Longer: fewer messages, a coarser graph. */
const EVERY_MS = 5000
/** ms after which an unchanged score is sent again, for readers that connected later. */
const AGAIN_MS = 60_000

export function createScorePublisher({
  topics,
  knows,
  connection,
}: ScorePublisherOptions): (frame: ScoredFrame) => void {
  const last = new Map<string, SentScore>()
  /** One in flight per topic: they do not pile up with a slow broker. */
  const sending = new Set<string>()

  return ({ frame, scores }) => {
    const to = connection()
    if (to === null) return
    for (const [event, value] of Object.entries(scores)) {
      if (!knows(frame.camera, event)) continue
      const topic = topics.score(frame.camera, event)
      const score = value.toFixed(2)
      if (sending.has(topic) || !isDue(last.get(topic), score, frame.capturedAt)) continue
      last.set(topic, { at: frame.capturedAt, score })
      sending.add(topic)
      void to.publish(topic, score, { retain: false }).finally(() => sending.delete(topic))
    }
  }
}

/** A clock that was set back makes a score due. */
function isDue(last: SentScore | undefined, score: string, at: number): boolean {
  if (last === undefined || at < last.at) return true
  return at - last.at >= (last.score === score ? AGAIN_MS : EVERY_MS)
}
