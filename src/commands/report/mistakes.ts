/** Images of missed spans and of false alarms, as sections of a page; bounded in number and size. */

import type { Box } from '../../types.ts'
import { position } from '../detect/clock.ts'
import { percent, title } from '../detect/formats.ts'
import { sparkline as textCurve } from '../detect/sparkline.ts'
import type { Found } from '../eval/evaluateVideo.ts'
import type { EvaluatedVideo } from '../eval/evaluation.ts'
import { escapeHtml } from './charts.ts'
import { notes, section } from './page.ts'

/** Of one kind: of each event under each variant. */
const MOST_EACH = 20
/** JPEG bytes of all images of one kind. */
const MOST_BYTES = 12_000_000

interface Card {
  /** Cards of one group share MOST_EACH. */
  readonly group: string
  readonly images: readonly CardImage[]
  readonly caption: string
  readonly facts: string
}

interface CardImage {
  readonly jpeg: Uint8Array
  readonly text: string
  /** Null: the whole image. */
  readonly box: Box | null
}

/** @returns none for a kind of which there is nothing */
export function mistakes(videos: readonly EvaluatedVideo[]): string[] {
  const misses = videos.flatMap(missesOf)
  const alarms = videos.flatMap(alarmsOf)
  return [
    gallery('Missed', misses, 'First the middle of the span, then where the score was highest.'),
    gallery('False alarms', alarms, 'Each at its highest score.'),
  ].flat()
}

function gallery(heading: string, cards: readonly Card[], meaning: string): string[] {
  if (cards.length === 0) return []
  const shown = bounded(cards)
  const left = cards.length - shown.length
  const leftOut =
    left === 0 ? [] : [`${left} of ${cards.length} are left out, so that the page stays small: see --json.`]
  const content = `<div class="events">${shown.map(cardHtml).join('\n')}</div>`
  return [section(`${heading}: ${cards.length}`, content, notes([meaning, ...leftOut]))]
}

function bounded(cards: readonly Card[]): Card[] {
  const counts = new Map<string, number>()
  let bytes = 0
  return cards.filter(({ group, images }) => {
    const count = counts.get(group) ?? 0
    const size = images.reduce((sum, { jpeg }) => sum + jpeg.byteLength, 0)
    if (count >= MOST_EACH || bytes + size > MOST_BYTES) return false
    counts.set(group, count + 1)
    bytes += size
    return true
  })
}

function missesOf({ footage, results }: EvaluatedVideo): Card[] {
  return results.flatMap(({ variant, events }) =>
    events.flatMap(({ event, matches, moments }) =>
      matches.missed.map((span): Card => {
        const { middle, highest } = moments.get(span) ?? {}
        const images = [...new Set([middle, highest])].flatMap(moment =>
          moment === undefined
            ? []
            : { jpeg: moment.jpeg, text: `${position(moment.at)}, score ${percent(moment.score)}`, box: null },
        )
        return {
          group: `${variant}/${event}`,
          images,
          caption: `${title({ event })}, missed by ${variant}`,
          facts: `${footage.path} · ${position(span.from)} – ${position(span.to)}`,
        }
      }),
    ),
  )
}

function alarmsOf({ footage, results }: EvaluatedVideo): Card[] {
  return results.flatMap(({ variant, events }) =>
    events.flatMap(({ event, matches }) =>
      matches.falseAlarms.map(({ from, to, finding }: Found): Card => {
        const { picture, curve } = finding
        const { topScore, topTime } = finding.event
        const where = picture?.where ?? null
        const box = where === null || where.view === 'whole' ? null : where.box
        const text = `${position(topTime)}, peak ${percent(topScore)}`
        return {
          group: `${variant}/${event}`,
          images: picture === null ? [] : [{ jpeg: picture.jpeg, text, box }],
          caption: `${title({ event })}, found by ${variant}`,
          facts: `${footage.path} · ${position(from)} – ${position(to)} ${textCurve(curve)}`,
        }
      }),
    ),
  )
}

function cardHtml({ images, caption, facts }: Card): string {
  const pictures = images.map(imageHtml).join('')
  return `<div class="event">${pictures}<div><b>${escapeHtml(caption)}</b><span>${escapeHtml(facts)}</span></div></div>`
}

function imageHtml({ jpeg, text, box }: CardImage): string {
  const source = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`
  const outline = box === null ? '' : `<i style="${styleOf(box)}"></i>`
  const label = escapeHtml(text)
  return `<div class="at"><img alt="${label}" src="${source}">${outline}</div><div><span>${label}</span></div>`
}

function styleOf({ x, y, width, height }: Box): string {
  const percentage = (fraction: number) => `${Math.round(fraction * 1000) / 10}%`
  return `left:${percentage(x)};top:${percentage(y)};width:${percentage(width)};height:${percentage(height)}`
}
