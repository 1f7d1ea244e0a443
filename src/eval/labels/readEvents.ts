/** Reads events as `detect` writes them, corrected by hand: JSON with `events`, times in seconds. */

import { z } from 'zod'
import { type LabelFile, splitMark } from './label.ts'
import { parseShape } from './parseShape.ts'

const seconds = z.number('a number of seconds')

const schema = z.object({
  video: z.string('the path of a video').trim().min(1, 'the path of a video').optional(),
  events: z.array(
    z.object({ event: z.string('the name of an event'), start_time: seconds, end_time: seconds }, 'an event'),
    'a list of events',
  ),
})

/** @throws WatchwordError `labels-invalid` */
export function readEvents(value: unknown, file: string): LabelFile {
  const { video, events } = parseShape(schema, value, { file })
  const labels = events.map(({ event, start_time, end_time }, i) => {
    return { ...splitMark(event), from: start_time, to: end_time, unit: 'seconds', place: `events[${i}]` } as const
  })
  return { format: 'events', merges: true, videos: [{ video: video === undefined ? [] : [video], fps: null, labels }] }
}
