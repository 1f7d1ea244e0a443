/** The result of `search` as JSON: times in seconds since the epoch. */

import { wherePayload } from '../../sinks/eventPayload.ts'
import type { Searched } from './searchPast.ts'

export function searchJson({ asked, model, range, cameras, moments, notes }: Searched): string {
  const json = {
    prompts: asked.settings.prompts ?? [],
    negative_prompts: asked.settings.negative_prompts ?? [],
    model: model.name,
    variant: model.variant,
    from: seconds(range.from),
    to: seconds(range.to),
    cameras: cameras.map(({ camera, from, to }) => ({ camera, from: seconds(from), to: seconds(to) })),
    moments: moments.map(({ camera, at, from, to, count, view, where, judgement }) => ({
      camera,
      time: seconds(at),
      from: seconds(from),
      to: seconds(to),
      views: count,
      view: view.id,
      where: wherePayload(where),
      score: round(judgement.score),
      log_odds: round(judgement.logOdds),
      margin: round(judgement.margin),
      above_quiet: judgement.aboveQuiet === null ? null : round(judgement.aboveQuiet),
    })),
    notes,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
