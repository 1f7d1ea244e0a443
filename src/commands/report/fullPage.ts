/** The report of `full`: detected events with snapshots, comparison of variants, result of the quality gate. */

import type { Measured } from '../benchmark/measureVariants.ts'
import type { Finding, Findings } from '../detect/findings.ts'
import type { RunFacts } from '../detect/formats.ts'
import { percent as scorePercent, span, title } from '../detect/formats.ts'
import type { Optimized } from '../optimize/optimizeModel.ts'
import { optimizeColumns, optimizeNotes } from '../optimize/optimizeText.ts'
import { benchmarkSections } from './benchmarkPage.ts'
import { escapeHtml, sparkline } from './charts.ts'
import { htmlTable, notes, page, section } from './page.ts'

export interface FullReport {
  readonly video: string
  readonly optimized: Optimized
  readonly measured: Measured
  /** The variant that was used to detect. */
  readonly chosen: string
  readonly findings: Findings
  readonly facts: RunFacts
}

/** More snapshots would make the page too large. */
const MOST_EVENTS = 60

export function fullPage({ video, optimized, measured, chosen, findings }: FullReport): string {
  const found = [...findings.found].sort((a, b) => a.event.startTime - b.event.startTime)
  const shown = found.slice(0, MOST_EVENTS)
  const count = `${found.length} ${found.length === 1 ? 'event' : 'events'}`
  const left = found.length > shown.length ? [`The first ${shown.length} are shown; events.json has all.`] : []
  const none = found.length === 0 ? ['This model detected none of the events in this video.'] : []
  return page({
    title: `${video}: events and variants`,
    subtitle: `${count} found by ${optimized.model} ${chosen} in ${findings.rows.length} frames`,
    sections: [
      section('Events', `<div class="events">${shown.map(eventCard).join('\n')}</div>`, notes([...none, ...left])),
      ...benchmarkSections(measured),
      gateSection(optimized),
    ],
  })
}

function eventCard({ event, curve, picture }: Finding): string {
  const name = escapeHtml(title(event))
  const image =
    picture === null
      ? ''
      : `<img alt="${name}" src="data:image/jpeg;base64,${Buffer.from(picture.jpeg).toString('base64')}">`
  const facts = `${escapeHtml(span(event))} · peak ${scorePercent(event.topScore)}`
  return `<div class="event">${image}<div><b>${name}</b><span>${facts}</span>${sparkline(curve)}</div></div>`
}

function gateSection(optimized: Optimized): string {
  const mark = (outcome: Optimized['outcomes'][number]) => (outcome.card === null ? 'refused' : '')
  return section(
    'Variants and the quality gate',
    htmlTable(optimizeColumns(optimized), optimized.outcomes, mark),
    notes(optimizeNotes(optimized)),
  )
}
