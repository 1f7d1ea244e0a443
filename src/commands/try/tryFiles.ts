/** The files of `try --output-dir`: a page with a chart and pictures, a contact sheet, and the numbers as JSON. */

import { percent } from '../detect/formats.ts'
import { howLong } from '../past/howLong.ts'
import { localTime } from '../past/localTime.ts'
import { momentPlace } from '../past/momentPlace.ts'
import { momentSheet, type Tile } from '../past/momentSheet.ts'
import type { PastMoment } from '../past/pastMoment.ts'
import { barChart, escapeHtml } from '../report/charts.ts'
import { htmlTable, notes, page, section } from '../report/page.ts'
import type { Column } from '../report/table.ts'
import { limitsOf, rate } from './limitsOf.ts'
import type { Tried, TriedThreshold } from './tryEvent.ts'
import { tryJson } from './tryJson.ts'
import { intervalText } from './tryText.ts'

export async function tryFiles(tried: Tried): Promise<Record<string, string | Uint8Array>> {
  return {
    'try.json': tryJson(tried),
    'try.html': tryPage(tried),
    'contact-sheet.png': await momentSheet({
      title: tried.asked.name.replaceAll('_', ' '),
      summary: summaryOf(tried),
      sections: [
        { title: `Strongest at ${tried.threshold}`, tiles: tried.strongest.map(tileOf) },
        { title: `Nearest to ${tried.threshold}`, tiles: tried.nearest.map(tileOf) },
      ],
    }),
  }
}

function summaryOf({ cameras, watchedMs, model }: Tried): string {
  const names = cameras.length === 1 ? cameras[0]?.camera : `${cameras.length} cameras`
  return `${howLong(watchedMs / cameras.length)} of ${names}  ·  ${model.name} ${model.variant}`
}

function tileOf({ event, isEvent, thumbnail }: PastMoment): Tile {
  return {
    jpeg: thumbnail,
    where: event.where,
    title: event.camera,
    value: percent(event.topScore),
    caption: [localTime(event.topTime), isEvent ? momentPlace(event.where) : 'no event'],
  }
}

const COLUMNS: readonly Column<TriedThreshold>[] = [
  { title: 'threshold', cell: ({ threshold }) => String(threshold) },
  { title: 'release threshold', cell: ({ releaseThreshold }) => String(Number(releaseThreshold.toFixed(4))) },
  { title: 'events', cell: ({ events }) => String(events) },
  { title: 'a day', cell: ({ perDay }) => (perDay === null ? '–' : rate(perDay)) },
  { title: '90 % interval', cell: ({ interval }) => intervalText(interval) },
]

function tryPage(tried: Tried): string {
  const { asked, threshold, thresholds, strongest, nearest, advice } = tried
  const phrases = (asked.settings.prompts ?? []).join(', ')
  const bars = thresholds.map(({ threshold: value, perDay, interval }) => ({
    label: value === threshold ? `→ ${value}` : String(value),
    value: perDay ?? 0,
    text: perDay === null ? '–' : rate(perDay),
    ...(interval && { spread: interval }),
  }))
  return page({
    title: `${asked.name.replaceAll('_', ' ')}: what it would have found`,
    subtitle: `“${phrases}”, rule ${asked.settings.rule} · ${summaryOf(tried)}`,
    sections: [
      section(
        'Events a day',
        `<div class="charts">${barChart('Events a day at each threshold, with the 90 % interval', bars)}</div>`,
        htmlTable(COLUMNS, thresholds),
        notes([...tried.notes, ...limitsOf(tried)]),
      ),
      ...(advice.length === 0 ? [] : [section('About the words', notes(advice))]),
      section(`Strongest at ${threshold}`, cards(strongest)),
      section(`Nearest to ${threshold}`, cards(nearest)),
    ],
  })
}

function cards(moments: readonly PastMoment[]): string {
  return moments.length === 0 ? notes(['None.']) : `<div class="events">${moments.map(card).join('\n')}</div>`
}

function card({ event, isEvent, thumbnail }: PastMoment): string {
  const name = escapeHtml(`${event.camera} ${percent(event.topScore)}`)
  const image =
    thumbnail === null
      ? ''
      : `<img alt="${name}" src="data:image/jpeg;base64,${Buffer.from(thumbnail).toString('base64')}">`
  const facts = [localTime(event.topTime), momentPlace(event.where), ...(isEvent ? [] : ['no event at this threshold'])]
  return `<div class="event">${image}<div><b>${name}</b><span>${escapeHtml(facts.join(' · '))}</span></div></div>`
}
