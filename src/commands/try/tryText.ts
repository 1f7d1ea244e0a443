/** What `try` prints on a terminal: thresholds as a table with bars, then events to look at. */

import { pluralize } from '../../util/pluralize.ts'
import { percent } from '../detect/formats.ts'
import { howLong } from '../past/howLong.ts'
import { localTime } from '../past/localTime.ts'
import { momentPlace } from '../past/momentPlace.ts'
import type { PastMoment } from '../past/pastMoment.ts'
import { type Column, table } from '../report/table.ts'
import { limitsOf, rate } from './limitsOf.ts'
import type { Tried, TriedThreshold } from './tryEvent.ts'

const BAR = 24

export function tryText(tried: Tried): string {
  const { strongest, nearest, notes, advice } = tried
  return [
    headline(tried),
    table(thresholdColumns(tried), tried.thresholds),
    ...(tried.cameras.length < 2 ? [] : [table(cameraColumns(tried), tried.cameras)]),
    ...(strongest.length === 0 ? [noEvents(tried)] : [`Strongest events\n${momentTable(strongest)}`]),
    ...(nearest.length === 0 ? [] : [`Nearest to the threshold\n${momentTable(nearest)}`]),
    ...lines([...notes, ...limitsOf(tried)]),
    ...(advice.length === 0 ? [] : [`About the words\n${advice.map(line => `  ${line}`).join('\n')}`]),
  ].join('\n\n')
}

function headline({ asked, threshold, zone, cameras, watchedMs, model }: Tried): string {
  const { name, settings } = asked
  const phrases = (settings.prompts ?? []).map(phrase => `“${phrase}”`).join(', ')
  const where = zone === null ? '' : `, zone ${zone}`
  const names = cameras.length === 1 ? cameras[0]?.camera : `${cameras.length} cameras`
  const long = `${howLong(watchedMs / cameras.length)} of ${names}`
  const frames = cameras.reduce((sum, camera) => sum + camera.frames, 0)
  return [
    `${name}: ${phrases}, rule ${settings.rule}${where}, threshold ${threshold}`,
    `Looked at ${long}, ${pluralize(frames, 'frame')}, ${model.name} ${model.variant}`,
  ].join('\n')
}

function thresholdColumns({ threshold: chosen, thresholds }: Tried): Column<TriedThreshold>[] {
  const most = Math.max(...thresholds.map(({ perDay }) => perDay ?? 0), Number.MIN_VALUE)
  return [
    { title: '', cell: ({ threshold }) => (threshold === chosen ? '→' : '') },
    { title: 'threshold', cell: ({ threshold }) => fixed(threshold) },
    { title: 'release', cell: ({ releaseThreshold }) => fixed(releaseThreshold) },
    { title: 'events', cell: ({ events }) => String(events) },
    { title: 'a day', cell: ({ perDay }) => (perDay === null ? '–' : rate(perDay)) },
    { title: '90 %', cell: ({ interval }) => intervalText(interval) },
    { title: '', align: 'left', cell: ({ perDay }) => '█'.repeat(Math.ceil((BAR * (perDay ?? 0)) / most)) },
  ]
}

export function intervalText(interval: readonly [number, number] | null): string {
  return interval === null ? '–' : `${rate(interval[0])}–${rate(interval[1])}`
}

function cameraColumns({ threshold, thresholds }: Tried): Column<Tried['cameras'][number]>[] {
  const place = thresholds.findIndex(each => each.threshold === threshold)
  return [
    { title: 'camera', align: 'left', cell: ({ camera }) => camera },
    { title: 'watched', cell: ({ watchedMs }) => howLong(watchedMs) },
    { title: 'events', cell: ({ events }) => String(events[place]?.length ?? 0) },
    { title: 'highest', cell: ({ highest }) => (highest === null ? '–' : percent(highest.score)) },
  ]
}

interface Numbered {
  readonly number: number
  readonly moment: PastMoment
}

function momentTable(moments: readonly PastMoment[]): string {
  const isFound = moments.every(({ isEvent }) => isEvent)
  return table(
    isFound ? momentColumns().slice(0, -1) : momentColumns(),
    moments.map((moment, i): Numbered => ({ number: i + 1, moment })),
  )
}

function momentColumns(): Column<Numbered>[] {
  const left = 'left' as const
  return [
    { title: '', cell: ({ number }) => String(number) },
    { title: 'peak', align: left, cell: ({ moment: { event } }) => localTime(event.topTime) },
    { title: 'camera', align: left, cell: ({ moment: { event } }) => event.camera },
    { title: 'score', cell: ({ moment: { event } }) => percent(event.topScore) },
    { title: 'lasted', cell: ({ moment: { event } }) => howLong((event.endTime ?? event.frameTime) - event.startTime) },
    { title: 'where', align: left, cell: ({ moment: { event } }) => momentPlace(event.where) },
    { title: '', align: left, cell: ({ moment: { isEvent } }) => (isEvent ? '' : 'no event at this threshold') },
  ]
}

function noEvents({ threshold, cameras }: Tried): string {
  const best = cameras.reduce<Tried['cameras'][number] | null>(
    (high, camera) => ((camera.highest?.score ?? -1) > (high?.highest?.score ?? -1) ? camera : high),
    null,
  )
  if (!best?.highest) return 'No event: no frame of that time could be scored'
  const { score, at } = best.highest
  return `No event at ${threshold}. The highest score was ${percent(score)}, at ${localTime(at)} on ${best.camera}`
}

function lines(sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : [sentences.map(sentence => `${sentence}.`).join('\n')]
}

/** At least two digits. */
function fixed(value: number): string {
  const rounded = Number(value.toFixed(4))
  return rounded === Number(rounded.toFixed(2)) ? rounded.toFixed(2) : String(rounded)
}
