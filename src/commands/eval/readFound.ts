/** Takes the events of an earlier `detect` in place of a detection: what another run, or another version, found. */

import { z } from 'zod'
import { parseShape } from '../../eval/labels/parseShape.ts'
import type { WatchEvent } from '../../types.ts'
import { readJson } from '../../util/readFile.ts'
import type { EvaluateOptions } from './evaluateVideo.ts'

const seconds = z.number('a number of seconds')

const schema = z.object(
  {
    model: z.string('the name of a model'),
    variant: z.string('the name of a variant'),
    frames: z.number('a number of frames'),
    events: z.array(
      z.object(
        {
          id: z.string('an id'),
          event: z.string('the name of an event'),
          start_time: seconds,
          end_time: seconds,
          top_score: z.number('a score'),
          top_time: seconds,
        },
        'an event',
      ),
      'a list of events',
    ),
  },
  'an events.json of `detect`',
)

export interface FoundBefore {
  readonly variant: string
  /** It reads no video, so there are no images and no other thresholds; when events were published is not known. */
  readonly detect: EvaluateOptions['detect']
}

/** @throws WatchwordError `file-unreadable`, `json-invalid`, `labels-invalid` */
export async function readFound(file: string): Promise<FoundBefore> {
  const { model, variant, frames, events } = parseShape(schema, await readJson(file), { file })
  const found = events.map(each => {
    const [startTime, endTime, topTime] = [each.start_time, each.end_time, each.top_time].map(time => time * 1000) as [
      number,
      number,
      number,
    ]
    const event: WatchEvent = {
      id: each.id,
      camera: 'video',
      event: each.event,
      startTime,
      endTime,
      frameTime: endTime,
      score: each.top_score,
      topScore: each.top_score,
      topTime,
      endReason: null,
      variant,
      where: null,
      why: null,
    }
    return { event, publishedAt: Number.NaN, curve: [], picture: null }
  })
  return {
    variant,
    detect: async (video, { scoring }) => ({
      findings: { found, rows: [], take: () => null },
      facts: { video, model, variant, scoring, sampling: { fps: Number.NaN }, frames },
      rules: new Map(),
      thresholds: {},
    }),
  }
}
