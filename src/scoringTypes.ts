/** Types of the score formula that all modules share. This file imports nothing. */

/** A phrase with its own vector. */
export interface Phrase {
  readonly text: string
  /** [dim] float32, L2-normalised: the mean over the templates. */
  readonly vector: Float32Array
  /** Length in the longest template; what the model cannot read is cut off. */
  readonly tokens: number
}

/** The phrases behind an event's vectors. */
export interface EventWords {
  /** What describes the event: its prompts; of an event with levels alone, the last level. */
  readonly prompts: readonly Phrase[]
  /** In the order of `contrast`: first the event's own `negative_prompts`, then the background. */
  readonly contrast: readonly Phrase[]
  /** How many of `contrast` are the event's own. */
  readonly ownContrasts: number
  /** In the order of `levels`. */
  readonly levels: readonly Phrase[] | null
}

/** The text embeddings of an event and its contrasts. All vectors are L2-normalised [dim] float32. */
export interface EventText {
  readonly event: string
  /** Average of the event's prompts over the templates. */
  readonly positive: Float32Array
  /** One vector per contrast phrase: the event's own `negative_prompts` and the shared background. */
  readonly contrast: readonly Float32Array[]
  /** For rule `level`: graded phrases from none (first) to most (last); null otherwise. */
  readonly levels: readonly Float32Array[] | null
  /** Absent where vectors alone are known: then no score is explained. */
  readonly words?: EventWords
}

/**
 * Converts a margin into a score before a camera's own images can: score = sigmoid((margin − centre) / width). Fitted
 * per variant where images with known events exist, else a cautious default.
 */
export interface Calibration {
  /** Nats. */
  readonly centre: number
  /** Nats, above 0. */
  readonly width: number
  /** Number of a camera's own images that replace it entirely, above 0. Default: DEFAULT_IMAGES. */
  readonly images?: number | undefined
}

/** What the images of one camera taught about one event in one kind of light. */
export interface QuietFit {
  /** [dim] float32: an embedding's margin is `direction · embedding − offset`, nats. Null for an event with levels. */
  readonly direction: Float32Array | null
  readonly offset: number
  /** Margin (or level) without the event, and its standard deviation before the lower bound. */
  readonly location: number
  readonly spread: number
  /** Margin (or level) at which the score is 0.5. */
  readonly centre: number
  /** Above 0. */
  readonly width: number
  /** Estimated fraction of the images that show the event, [0, 1]. */
  readonly eventFraction: number
  /** Median of the plain margin over the images, nats; null for an event with levels. */
  readonly usualMargin: number | null
  /** Number of images it was learned from. */
  readonly images: number
}

/** An image about which a person answered whether it shows an event. */
export interface Example {
  /** [dim] float32, L2-normalised. */
  readonly embedding: Float32Array
  /** Capture time, ms since the epoch. */
  readonly at: number
  readonly yes: boolean
}

/** What the answers about one event taught, on one camera in one kind of light. */
export interface AnswerFit {
  /** [dim] float32: the log-odds of an embedding's score rise by `direction · embedding − offset`. */
  readonly direction: Float32Array
  readonly offset: number
  /** How far the answers are trusted, (0, 1): it grows with how well each is foretold by the others. */
  readonly weight: number
  /** Number of different images that it was learned from. */
  readonly yes: number
  readonly no: number
}

/**
 * What decides an event's scores on a camera in its present light. `prior`: the model's calibration, because the camera
 * has shown too little. `learning`: partly the camera's own images. `learned`: those alone. `common`: those, but the event
 * looks like what the camera usually shows. `model`: the calibration of a model that was fitted on images of its own.
 */
export type CalibrationState = 'model' | 'prior' | 'learning' | 'learned' | 'common'

/** How the score of an event in one view came about, before smoothing. */
export interface Judgement {
  /** Over the contrast phrases, nats; for an event with levels the expected level, [0, 1]. */
  readonly margin: number
  /** How far the image lies above what the camera shows without the event, nats (or levels); null: nothing was learned yet. */
  readonly aboveQuiet: number | null
  /** How far the camera's own images decide: 0 the model's calibration alone, 1 the camera alone. */
  readonly learned: number
  /** What answers add to the log-odds of the score; 0 without answers. */
  readonly answers: number
  /** Log-odds of the score: sigmoid(logOdds) is the score. */
  readonly logOdds: number
  /** [0, 1] */
  readonly score: number
}

/** Why an event is on: what decided at its peak. */
export interface Why {
  /** Capture time of the image, ms since the epoch. A smoothed score can have its peak shortly after the image that caused it. */
  readonly at: number
  /** The prompt that fits the image best, and the contrast phrase that does; null: the event has no contrast. */
  readonly for: string
  readonly against: string | null
  /** As in `Judgement`: over the contrast phrases, and over what the camera shows without the event; nats. */
  readonly margin: number
  readonly aboveQuiet: number | null
  /** Probability that the event is right, from answers, [0, 1]; null: too few answers. */
  readonly odds: number | null
}

/** The text side of scoring: a model's scale and its events. */
export interface ScoringTexts {
  readonly variant: string
  /** CLIP's logit scale, e^logit_scale: 100 for OpenAI's. */
  readonly logitScale: number
  readonly calibration: Calibration
  readonly events: readonly EventText[]
}
