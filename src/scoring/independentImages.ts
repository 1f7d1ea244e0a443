/** How many independent images a camera's consecutive images are worth: a second of a drive says less than a day. */

/** Below it, margins differ by rounding only, nats². */
const LEAST_VARIANCE = 1e-12
/** The longest blocks are this fraction of the images: slower drift cannot be distinguished from a difference in level. */
const LONGEST_BLOCK = 1 / 12
/** A margin further away counts as this many spreads, so that a rare event does not decide. */
const MOST_SPREADS = 3

/**
 * The effective sample size by the method of batch means: means of blocks of `n` independent values would vary by the
 * variance of the values / n; they vary τ times as much, and so the images are worth 1/τ of their number. The larger τ
 * of short blocks (√n images) and long ones counts. Source: Flegal and Jones, "Batch means and spectral variance
 * estimators in Markov chain Monte Carlo", Annals of Statistics 2010.
 * @param margins at least two, in order of time
 * @returns in [1, number of margins]
 */
export function independentImages(
  margins: readonly number[],
  { location, spread }: { readonly location: number; readonly spread: number },
): number {
  const count = margins.length
  const limit = MOST_SPREADS * spread
  const values = margins.map(margin => Math.max(-limit, Math.min(limit, margin - location)))
  const variance = varianceOf(values)
  // Images that are all alike say as much as one of them.
  if (!(variance > LEAST_VARIANCE)) return 1
  const lengths = [Math.sqrt(count), count * LONGEST_BLOCK].map(length => Math.max(1, Math.floor(length)))
  const excess = lengths.map(length => (length * varianceOf(blockMeans(values, length))) / variance)
  return Math.max(1, count / Math.max(1, ...excess))
}

/** Means of consecutive blocks; what is left over at the end is not used. */
function blockMeans(values: readonly number[], length: number): number[] {
  return Array.from({ length: Math.floor(values.length / length) }, (_, i) =>
    meanOf(values.slice(i * length, (i + 1) * length)),
  )
}

/** Of a sample: divided by its size − 1. */
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
