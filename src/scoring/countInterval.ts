/** The interval that holds a count in 90 of 100 cases, for counts that vary at least as much as Poisson's. */

export interface CountDistribution {
  /** At least 0. */
  readonly mean: number
  /** At `mean` or below: Poisson. Above: negative binomial. */
  readonly variance: number
}

export interface CountInterval {
  /** Fewer in at most 5 of 100 cases. */
  readonly low: number
  /** More in at most 5 of 100 cases. */
  readonly high: number
}

const TAIL = 0.05
/** Of the standard normal distribution at 1 − `TAIL`. */
const Z = 1.6449
/** Below this log-probability of zero a sum cannot start from zero; counts are then so large that a formula is exact enough. */
const SMALLEST_LOG = -700
const LARGEST_MEAN = 1e6

export function countInterval({ mean, variance }: CountDistribution): CountInterval {
  if (mean <= 0) return { low: 0, high: 0 }
  const isPoisson = variance <= mean * (1 + 1e-9)
  const size = isPoisson ? Number.POSITIVE_INFINITY : mean ** 2 / (variance - mean)
  const share = isPoisson ? 0 : mean / (size + mean)
  const logZero = isPoisson ? -mean : size * Math.log1p(-share)
  if (logZero < SMALLEST_LOG || mean > LARGEST_MEAN) return nearlyGamma(mean, Math.max(mean, variance))
  let term = Math.exp(logZero)
  let sum = term
  let low: number | null = null
  for (let count = 0; ; count++) {
    if (low === null && sum >= TAIL) low = count
    if (sum >= 1 - TAIL || term === 0) return { low: low ?? count, high: count }
    term *= isPoisson ? mean / (count + 1) : (share * (count + size)) / (count + 1)
    sum += term
  }
}

/** Wilson and Hilferty: the cube root of a gamma variable is nearly normal. */
function nearlyGamma(mean: number, variance: number): CountInterval {
  const spread = variance / mean ** 2 / 9
  const at = (z: number) => Math.round(mean * Math.max(0, 1 - spread + z * Math.sqrt(spread)) ** 3)
  return { low: at(-Z), high: at(Z) }
}
