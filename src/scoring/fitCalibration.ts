/** Compares the margins of a variant with those of the fp32 model, and calibrates the variant to the same scores. */

import type { Calibration, ScoringTexts } from '../scoringTypes.ts'
import { normalize, quantile } from '../util/vector.ts'
import { logits } from './logits.ts'
import { marginOf } from './marginOf.ts'

/** Nats, by frame and event. */
export type Margins = readonly (readonly number[])[]

/**
 * Margins by frame and two-way event; events with levels are left out, because no calibration applies to them.
 * @param embeddings [dim] float32 each, of any length
 */
export function marginsOf(embeddings: readonly Float32Array[], texts: ScoringTexts): number[][] {
  const events = texts.events.filter(event => event.levels === null)
  return embeddings.map(embedding => {
    const logit = logits(normalize(embedding), texts.logitScale)
    return events.map(event => marginOf(event, logit))
  })
}

/** candidate ≈ intercept + slope · reference */
interface Line {
  readonly slope: number
  readonly intercept: number
}

/**
 * Moves the line from fp32's margins to the variant's into centre and width. When the variant's margins do not rise with
 * fp32's, fp32's calibration is kept.
 * @param candidate margins of the variant, in the order of the reference
 * @param calibration of fp32
 */
export function fitCalibration(reference: Margins, candidate: Margins, calibration: Calibration): Calibration {
  const line = fitLine(reference.flat(), candidate.flat())
  if (line === null) return calibration
  const { slope, intercept } = line
  return { ...calibration, centre: intercept + slope * calibration.centre, width: slope * calibration.width }
}

/**
 * How far the variant moves single margins, in nats of fp32: the 99th percentile of the distance from the line between
 * the two. What all margins share is left out, because the calibration and the banks of the cameras take it up.
 * @returns NaN without margins, or when the variant's margins do not rise with fp32's
 */
export function marginChange(reference: Margins, candidate: Margins): number {
  const [x, y] = [reference.flat(), candidate.flat()]
  const line = fitLine(x, y)
  if (line === null) return Number.NaN
  const { slope, intercept } = line
  return quantile(
    x.map((margin, i) => Math.abs(y[i]! - intercept - slope * margin) / slope),
    0.99,
  )
}

/** Least squares; null when y does not rise with x. */
function fitLine(x: readonly number[], y: readonly number[]): Line | null {
  const meanX = mean(x)
  const meanY = mean(y)
  let covariance = 0
  let variance = 0
  for (let i = 0; i < x.length; i++) {
    covariance += (x[i]! - meanX) * (y[i]! - meanY)
    variance += (x[i]! - meanX) ** 2
  }
  const slope = covariance / variance
  return slope > 0 ? { slope, intercept: meanY - slope * meanX } : null
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
