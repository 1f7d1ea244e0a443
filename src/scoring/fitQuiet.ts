/** Learns from a camera's own images what an event's margin is without the event, and how far above it is surprising. */

import type { EventText, QuietFit } from '../scoringTypes.ts'
import { dot, meanOf, quantile } from '../util/vector.ts'
import { independentImages } from './independentImages.ts'
import { logits, softmax } from './logits.ts'
import { expectedLevel, marginOf } from './marginOf.ts'
import { matchedFilter } from './matchedFilter.ts'
import { quietLevel } from './quietLevel.ts'

/** With fewer images nothing is learned. */
export const LEAST_IMAGES = 8
/** The score is 0.5 this many quiet deviations above the quiet level. */
const DEVIATIONS = 3.5
/**
 * Smallest deviation, nats: what one frame differs from the next on a calm camera (0.10–0.15 nats) must not be a
 * surprise after a still night. For events with levels: of the position on the scale, [0, 1].
 */
const LEAST_SPREAD = { margin: 0.3, level: 0.03 }
/**
 * Few images, or images that look alike, do not show how much a camera varies: until then it is assumed to vary by
 * this much, as if it had been seen on so many independent images.
 */
const USUAL_SPREAD = { margin: 1, level: 0.1 }
const USUAL_IMAGES = 20
/** Bounds of the score's width: 0.4–1.0 nats separates real events best; for levels there is no upper bound. */
const WIDTH = { margin: { least: 0.4, most: 1 }, level: { least: LEAST_SPREAD.level, most: Number.POSITIVE_INFINITY } }
/** Weight of the contrast phrases: the camera's own images do most of what contrasts are for. */
const CONTRAST_WEIGHT = 0.5
/** Groups for cross-fitting, and how many consecutive images stay together because they look alike. */
const FOLDS = 4
const RUN = 8

/**
 * An event's margin on this camera is linear: direction · embedding − offset, in nats above the images' mean. Its
 * direction is learned from the half of the images that fit the event least, so that images that show the event do not
 * hide it; margins of images that it was learned from are taken from a direction learned without them.
 * @param images embeddings of one camera in one kind of light, [dim] float32, L2-normalised, in order of time
 * @returns null for fewer than LEAST_IMAGES
 */
export function fitQuiet(images: readonly Float32Array[], event: EventText, logitScale: number): QuietFit | null {
  if (images.length < LEAST_IMAGES) return null
  return event.levels === null ? fitMargin(images, event, logitScale) : fitLevels(images, event.levels, logitScale)
}

/** The margin of an embedding on the camera of the fit, in nats (for levels: the expected level). */
export function quietMargin({ direction, offset }: QuietFit, embedding: Float32Array): number {
  return dot(direction as Float32Array, embedding) - offset
}

function fitMargin(images: readonly Float32Array[], event: EventText, logitScale: number): QuietFit {
  const signal = signalOf(event, images, logitScale)
  const plain = images.map(image => dot(signal, image))
  const median = quantile(plain, 0.5)
  const learnable = images.map((_, i) => plain[i]! <= median)
  const groups = groupOf(learnable)
  const filterWithout = (group: number) => {
    const chosen = images.filter((_, i) => learnable[i] && groups[i] !== group)
    const mean = meanOf(chosen)
    return { direction: matchedFilter(signal, chosen, mean), mean }
  }
  const all = filterWithout(-1)
  const folds = Array.from({ length: FOLDS }, (_, group) => filterWithout(group))
  const margins = images.map((image, i) => {
    const { direction, mean } = learnable[i] ? folds[groups[i]!]! : all
    return dot(direction, image) - dot(direction, mean)
  })
  const usual = images.map(image => marginOf(event, logits(image, logitScale)))
  return {
    direction: all.direction,
    offset: dot(all.direction, all.mean),
    usualMargin: quantile(usual, 0.5),
    ...boundary(margins, 'margin'),
  }
}

function fitLevels(images: readonly Float32Array[], levels: readonly Float32Array[], logitScale: number): QuietFit {
  const positions = images.map(image => expectedLevel(levels, logits(image, logitScale)))
  return { direction: null, offset: 0, usualMargin: null, ...boundary(positions, 'level') }
}

/**
 * The event minus its contrasts, each weighted by how well it fits the camera's images: logitScale · (positive − ½ Σ p·contrast).
 * A contrast phrase that never fits has no weight, so further background phrases do not move decisions.
 */
function signalOf(
  { positive, contrast }: EventText,
  images: readonly Float32Array[],
  logitScale: number,
): Float32Array {
  const signal = positive.map(value => value * logitScale)
  if (contrast.length === 0) return signal
  const weights = new Float64Array(contrast.length)
  for (const image of images)
    for (const [i, weight] of softmax(contrast.map(logits(image, logitScale))).entries()) weights[i]! += weight
  for (const [i, phrase] of contrast.entries()) {
    const factor = (CONTRAST_WEIGHT * logitScale * weights[i]!) / images.length
    for (let k = 0; k < signal.length; k++) signal[k]! -= factor * phrase[k]!
  }
  return signal
}

/** @param values margins in nats, or positions on the scale of levels, of the camera's images in order of time */
function boundary(values: readonly number[], unit: keyof typeof LEAST_SPREAD) {
  const level = quietLevel(values)
  const { location, spread, eventFraction } = level
  const independent = independentImages(values, level)
  const variance = (independent * spread ** 2 + USUAL_IMAGES * USUAL_SPREAD[unit] ** 2) / (independent + USUAL_IMAGES)
  const deviation = Math.max(Math.sqrt(variance), LEAST_SPREAD[unit])
  return {
    location,
    spread,
    centre: location + DEVIATIONS * deviation,
    width: Math.min(WIDTH[unit].most, Math.max(WIDTH[unit].least, deviation)),
    eventFraction,
    images: values.length,
  }
}

/** Runs of consecutive learnable images take turns: image → group in [0, FOLDS). */
function groupOf(learnable: readonly boolean[]): number[] {
  let count = 0
  const run = Math.min(RUN, Math.ceil(learnable.filter(yes => yes).length / FOLDS))
  return learnable.map(yes => Math.floor((yes ? count++ : count) / run) % FOLDS)
}
