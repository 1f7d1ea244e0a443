/** Learns from answers which images of a camera show an event: a correction of the score, without any training. */

import type { AnswerFit, Example } from '../scoringTypes.ts'
import { dot, meanOf, quantile } from '../util/vector.ts'
import { addScaled, createWhitening, type Whitening } from './createWhitening.ts'
import { leaveOut, logisticFit, type Matrix } from './logisticFit.ts'

/** An example with the log-odds of its score without answers. */
export interface JudgedExample extends Example {
  readonly logOdds: number
}

/** One example of each kind says nothing about what the kinds have in common. */
const LEAST_EXAMPLES = 2
/** The newest of each kind are used: the time that a fit takes grows with their number. */
const MOST_EXAMPLES = 20
/** Images at least as similar count as one, and cancel one another where their answers differ. */
const SAME_COSINE = 0.995
/** Beyond these log-odds a score is certain enough; further certainty must not drown the answers. */
const MOST_LOG_ODDS = 6
/** How far the answers may move log-odds, as variances; the one that foretells left-out answers best is chosen. */
const VARIANCES = [1, 3, 10, 30]
/** The same for all images alike: how often a person was asked about right events must not move scores. */
const COMMON_VARIANCES = [1, 10]
/** Nats by which left-out answers must be foretold better than without the images, and the gain that is half trusted. */
const LEAST_GAIN = 0.2
const HALF_GAIN = 0.5
/** Usual images are taken evenly; more make the fit slower and hardly steadier. */
const MOST_USUAL = 128

/**
 * Logistic regression on the embeddings, with the score's log-odds as its starting point: a Gaussian process whose kernel
 * is the inner product of the distances from the middle between right and wrong, in the space whitened by the camera's
 * usual images, as the matched filter has it. How far it
 * may go is chosen by leaving each answer out in turn and foretelling it from the others; where that is no better than a
 * constant, nothing changes.
 * @param examples of one camera, world and light, in the order of the answers
 * @param usual images of the same camera, world and light without the event; empty where none are kept
 * @returns null when the answers are too few, contradict one another, or teach nothing
 */
export function fitAnswers(examples: readonly JudgedExample[], usual: readonly Float32Array[]): AnswerFit | null {
  const chosen = newestOf(distinct(examples))
  const [yes, no] = [chosen.filter(one => one.yes), chosen.filter(one => !one.yes)]
  if (yes.length < LEAST_EXAMPLES || no.length < LEAST_EXAMPLES) return null
  const images = evenly(usual)
  const whiten: Whitening = createWhitening(images, meanOf(images)) ?? (vector => vector)
  const middle = meanOf([yes, no].map(kind => meanOf(kind.map(({ embedding }) => embedding))))
  const centred = chosen.map(({ embedding }) => embedding.map((value, i) => value - middle[i]!))
  const whitened = centred.map(whiten)
  const unit = quantile(
    centred.map((vector, i) => dot(vector, whitened[i]!)),
    0.5,
  )
  if (!(unit > 0)) return null
  const similarity = centred.map(vector => whitened.map(other => dot(vector, other) / unit))
  const best = chooseVariance(similarity, chosen)
  if (best === null) return null
  const weight = best.gain / (best.gain + HALF_GAIN)
  const direction = new Float32Array(middle.length)
  for (const [i, vector] of whitened.entries())
    addScaled(direction, vector, (weight * best.variance * best.weights[i]!) / unit)
  return { direction, offset: dot(direction, middle), weight, yes: yes.length, no: no.length }
}

/** How much the answers add to the log-odds of an embedding's score. */
export function answersShift(fit: AnswerFit | null, embedding: Float32Array): number {
  if (fit === null) return 0
  const shift = dot(fit.direction, embedding) - fit.offset
  return Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, shift))
}

interface Choice {
  /** Nats by which left-out answers are foretold better, less LEAST_GAIN; above 0. */
  readonly gain: number
  readonly variance: number
  readonly weights: readonly number[]
}

function chooseVariance(similarity: Matrix, examples: readonly JudgedExample[]): Choice | null {
  const offsets = examples.map(({ logOdds }) => Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, logOdds)))
  const labels = examples.map(({ yes }) => yes)
  const constant = Math.max(...COMMON_VARIANCES)
  const fitWith = (variance: number, common: number) => {
    const kernel = similarity.map(row => row.map(value => variance * value + common))
    const fit = logisticFit(kernel, offsets, labels)
    return { variance, weights: fit.weights, loss: lossOf(leaveOut(kernel, offsets, fit), labels) }
  }
  const plain = [lossOf(offsets, labels), ...COMMON_VARIANCES.map(common => fitWith(0, common).loss)]
  const fits = VARIANCES.map(variance => fitWith(variance, constant))
  const best = fits.reduce((least, fit) => (fit.loss < least.loss ? fit : least))
  const gain = Math.min(...plain) - best.loss - LEAST_GAIN
  return gain > 0 ? { gain, variance: best.variance, weights: best.weights } : null
}

/** Log-loss of the labels, nats. */
function lossOf(logOdds: readonly number[], labels: readonly boolean[]): number {
  return logOdds.reduce((sum, value, i) => sum + Math.log1p(Math.exp(labels[i] ? -value : value)), 0)
}

/** Near-copies count once; as many right as wrong ones count for nothing. */
function distinct(examples: readonly JudgedExample[]): JudgedExample[] {
  const groups: JudgedExample[][] = []
  for (const example of examples) {
    const same = groups.find(([first]) => first !== undefined && isSame(first, example))
    if (same === undefined) groups.push([example])
    else same.push(example)
  }
  return groups.flatMap(group => {
    const balance = group.reduce((sum, { yes }) => sum + (yes ? 1 : -1), 0)
    return balance === 0 ? [] : (group.findLast(({ yes }) => yes === balance > 0) ?? [])
  })
}

function isSame(a: Example, b: Example): boolean {
  return dot(a.embedding, b.embedding) >= SAME_COSINE
}

function newestOf(examples: readonly JudgedExample[]): JudgedExample[] {
  const newest = [true, false].flatMap(kind => examples.filter(({ yes }) => yes === kind).slice(-MOST_EXAMPLES))
  return examples.filter(example => newest.includes(example))
}

function evenly(images: readonly Float32Array[]): Float32Array[] {
  const count = Math.min(MOST_USUAL, images.length)
  return Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)] as Float32Array)
}
