/** What frames mean under a variant: margins, calibration, decisions, and how often two variants decide alike. */

import type { Calibration, EventText, ScoringTexts } from '../../types.ts'
import { dot, logSumExp, normalize, sigmoid } from '../../util/vector.ts'

/** Per frame, per two-way event: how much more the frame looks like the event than like its contrast set. */
export function marginsOf(embeddings: readonly Float32Array[], texts: ScoringTexts): number[][] {
  const events = texts.events.filter(event => event.grades === null)
  return embeddings.map(embedding => {
    const unit = normalize(embedding)
    return events.map(event => marginOf(unit, event, texts.logitScale))
  })
}

/**
 * The calibration under which a variant's scores come closest to fp32's. Its margins are fitted to fp32's by a straight
 * line (least squares over all frames and events) and the line is put into centre and width.
 * A variant whose margins do not rise with fp32's keeps fp32's calibration: there is nothing to fit.
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
    covariance += ((x[i] as number) - meanX) * ((y[i] as number) - meanY)
    variance += ((x[i] as number) - meanX) ** 2
  }
  const slope = covariance / variance
  if (!(slope > 0)) return calibration
  return { centre: meanY + slope * (calibration.centre - meanX), width: slope * calibration.width }
}

/** Per frame, per event: is the unsmoothed score at least one half? */
export function decisionsOf(embeddings: readonly Float32Array[], texts: ScoringTexts): boolean[][] {
  const { centre, width } = texts.calibration
  return embeddings.map(embedding => {
    const unit = normalize(embedding)
    return texts.events.map(event =>
      event.grades === null
        ? sigmoid((marginOf(unit, event, texts.logitScale) - centre) / width) >= 0.5
        : levelOf(unit, event.grades, texts.logitScale) >= 0.5,
    )
  })
}

export interface Agreement {
  /** Share of decisions that are equal, [0, 1]. */
  readonly share: number
  /** Frames times events. */
  readonly decisions: number
  /** Decisions of the reference that said yes: without any, agreement says little. */
  readonly positives: number
}

export function agreementOf(
  reference: readonly (readonly boolean[])[],
  candidate: readonly (readonly boolean[])[],
): Agreement {
  const ours = reference.flat()
  const theirs = candidate.flat()
  const equal = ours.filter((decision, i) => decision === theirs[i]).length
  return {
    share: ours.length === 0 ? 1 : equal / ours.length,
    decisions: ours.length,
    positives: ours.filter(decision => decision).length,
  }
}

function marginOf(unit: Float32Array, { positive, contrast }: EventText, logitScale: number): number {
  return logitScale * dot(positive, unit) - logSumExp(contrast.map(text => logitScale * dot(text, unit)))
}

/** Mean place on the scale of grades under their softmax: 0 the first, 1 the last. */
function levelOf(unit: Float32Array, grades: readonly Float32Array[], logitScale: number): number {
  const logits = grades.map(grade => logitScale * dot(grade, unit))
  const total = logSumExp(logits)
  const last = Math.max(1, grades.length - 1)
  return logits.reduce((sum, logit, i) => sum + (Math.exp(logit - total) * i) / last, 0)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
