/** What a look at the past cannot show, in sentences. */

import { pluralize } from '../../util/pluralize.ts'
import { howLong } from '../past/howLong.ts'
import type { Tried } from './tryEvent.ts'

const DAY_MS = 86_400_000
const WEEK_DAYS = 7

export function limitsOf({ cameras, watchedMs, thresholds, threshold, zone }: Tried): string[] {
  const perCamera = watchedMs / cameras.length
  const unseen = zone === null ? [] : cameras.filter(({ views }) => views.size === 0).map(({ camera }) => camera)
  const row = thresholds.find(each => each.threshold === threshold)
  return [
    ...unseen.map(camera => `The history of ${camera} has no view of the zone ${zone}: the zone is newer`),
    ...(perCamera < DAY_MS && row?.interval
      ? [
          `${howLong(perCamera)} say little about a day: ${pluralize(row.events, 'event')} in that time fit any rate from ${rate(row.interval[0])} to ${rate(row.interval[1])} a day, and other hours may look different`,
        ]
      : []),
    ...(perCamera >= DAY_MS && perCamera < WEEK_DAYS * DAY_MS
      ? [`${howLong(perCamera)} show neither other days of the week nor other weather`]
      : []),
    'The intervals assume that events come as often at any time as at any other: busy hours make real days differ more',
  ]
}

/** Two digits are enough for a rate. */
export function rate(perDay: number): string {
  return String(Number(perDay.toPrecision(2)))
}
