/** Calibrates a variant, so that its scores come as close as possible to those of the fp32 model. */

import type { Calibration, ScoringTexts } from '../types.ts'
import { normalize } from '../util/vector.ts'
import { logits } from './logits.ts'
import { marginOf } from './margin.ts'

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

/**
 * Fits the variant's margins to those of fp32 with a straight line (least squares over all frames and events) and moves
 * the line into centre and width. When the variant's margins do not rise with fp32's, fp32's calibration is kept.
 * @param reference margins of fp32, by frame and event
 * @param candidate margins of the variant, in the same order
 * @param calibration of fp32
 */
export function fitCalibration(
  reference: readonly (readonly number[])[],
  candidate: readonly (readonly number[])[],
  calibration: Calibration,
): Calibration {
  const x = reference.flat()
  const y = candidate.flat()
  const meanX = mean(x)
  const meanY = mean(y)
  let covariance = 0
  let variance = 0
  for (let i = 0; i < x.length; i++) {
    covariance += (x[i]! - meanX) * (y[i]! - meanY)
    variance += (x[i]! - meanX) ** 2
  }
  const slope = covariance / variance
  if (!(slope > 0)) return calibration
  return { ...calibration, centre: meanY + slope * (calibration.centre - meanX), width: slope * calibration.width }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
