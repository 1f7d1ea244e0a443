/** Input and output of the event rules. */

/** The result of a rule for one frame. */
export interface Evidence {
  /** [0, 1] */
  readonly level: number
  /** ms, since when the level holds: at most the frame's time, earlier where a rule is certain only after a delay. */
  readonly since: number
}

/** The input of a rule: one frame. */
export interface Sample {
  /** Frame time, ms. */
  readonly at: number
  /** Smoothed, [0, 1]. */
  readonly score: number
  readonly rawScore: number
  /** Fraction of the image, [0, 1]: see `MarkedFrame`. */
  readonly motion: number
  readonly settled: number
}
