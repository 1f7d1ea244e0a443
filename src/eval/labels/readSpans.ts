/** Reads ground truth as `demo` writes it: JSON with `spans`, times in seconds. */

import { z } from 'zod'
import { type LabelFile, splitMark } from './label.ts'
import { parseShape } from './parseShape.ts'

const seconds = z.number('a number of seconds')

const schema = z.object({
  video: z.string('the path of a video').trim().min(1, 'the path of a video').optional(),
  spans: z.array(
    z.object(
      {
        event: z.string('the name of an event'),
        from: seconds,
        to: seconds,
        ignore: z.boolean('true or false').optional(),
      },
      'a span',
    ),
    'a list of spans',
  ),
})

/** @throws WatchwordError `labels-invalid` */
export function readSpans(value: unknown, file: string): LabelFile {
  const { video, spans } = parseShape(schema, value, { file })
  const labels = spans.map(({ event, from, to, ignore = false }, i) => {
    const mark = splitMark(event)
    return {
      event: mark.event,
      ignored: mark.ignored || ignore,
      from,
      to,
      unit: 'seconds',
      place: `spans[${i}]`,
    } as const
  })
  // Two vehicles that stop side by side are two spans (docs/demo.md).
  return { format: 'spans', merges: false, videos: [{ video: video === undefined ? [] : [video], fps: null, labels }] }
}
