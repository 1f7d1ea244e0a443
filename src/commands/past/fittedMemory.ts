/** What a camera's stored images taught about events, fitted when it is first needed. It learns nothing more. */

import type { QuietMemory } from '../../operators/score.ts'
import type { EventText, QuietFit, ScoringTexts } from '../../scoringTypes.ts'
import type { Light } from '../../types.ts'

/** @returns null: too few images to learn from */
export type FitOf = (world: string, light: Light, event: EventText) => QuietFit | null

/** Each fit is computed once: one of 400 images takes about 35 ms. */
export function fittedMemory(fitOf: FitOf, { events }: ScoringTexts): QuietMemory {
  const texts = new Map(events.map(text => [text.event, text]))
  const known = new Map<string, Map<string, QuietFit | null>>()
  return {
    fits: ({ frame: { light }, world }) => {
      const key = `${world}/${light}`
      const fits = known.get(key) ?? new Map<string, QuietFit | null>()
      known.set(key, fits)
      return event => {
        const fit = fits.get(event)
        if (fit !== undefined) return fit
        const text = texts.get(event)
        const fitted = text === undefined ? null : fitOf(world, light, text)
        fits.set(event, fitted)
        return fitted
      }
    },
    offer: () => {},
  }
}
