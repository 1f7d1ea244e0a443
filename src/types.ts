/** The words of the house: what the rooms say to each other. This file imports nothing. */

/** What is wrong with a camera's picture although frames still arrive. */
export type PictureProblem = 'frozen' | 'dark'

/** Why a camera was lost; decides how the supervisor backs off. */
export type LossReason = 'timeout' | 'refused' | 'eof' | 'auth' | 'not-found' | 'crash' | 'frozen' | 'garbage'

/** One sampled picture of one camera. */
export interface Frame {
  readonly kind: 'frame'
  readonly camera: string
  /** Counts up from 0 per camera over the whole run, reconnects included. */
  readonly seq: number
  /** ms since the epoch. Live: arrival. Files: the file's start plus the presentation time. */
  readonly capturedAt: number
  /** [size, size, 3] uint8 RGB, row by row. */
  readonly pixels: Uint8Array<ArrayBuffer>
  /** Side of the square picture in pixels: the model's input size. */
  readonly size: number
  /** The same picture as JPEG at snapshot size; null when not asked for. */
  readonly jpeg: Uint8Array | null
  readonly problem: PictureProblem | null
}

/** A change in a camera's life. Flows in order among its frames. */
export interface CameraStatus {
  readonly kind: 'status'
  readonly camera: string
  /** ms since the epoch, on the same clock as the camera's frames. */
  readonly at: number
  /** `ended`: a file or folder was read to its end; nothing will follow. */
  readonly state: 'connecting' | 'online' | 'offline' | 'ended' | 'disabled'
  readonly problem: PictureProblem | null
  readonly reason: LossReason | null
  /** One redacted line for people; null when there is nothing to add. */
  readonly detail: string | null
  /** ms until the next attempt; null when none is planned. */
  readonly retryInMs: number | null
}

/** What flows: frames of a stage, and camera changes in between that every operator hands on in order. */
export type Signal<T extends { readonly kind: 'frame' }> = T | CameraStatus

/** A frame that the gate has judged. */
export interface MarkedFrame extends Frame {
  /** Share of the picture that changed since the previous frame, noise removed: [0, 1]. */
  readonly motion: number
  /** Share of the picture that differs from what is usually there and has come to rest: [0, 1]. A car that stopped, not one that passes. */
  readonly settled: number
  /** The scene is that of the last encoded frame: its embedding may be used again. */
  readonly still: boolean
}

/** A frame with its embedding under the deciding variant. */
export interface EncodedFrame {
  readonly kind: 'frame'
  readonly frame: MarkedFrame
  /** [dim] float32, L2-normalised. Shared between still frames: never write to it. */
  readonly embedding: Float32Array
  readonly variant: string
  /** True when a still frame reused the previous embedding. */
  readonly reused: boolean
}

/** A frame with one score per event that its camera watches. */
export interface ScoredFrame {
  readonly kind: 'frame'
  readonly frame: MarkedFrame
  readonly variant: string
  /** Event name → score in [0, 1]. */
  readonly scores: Readonly<Record<string, number>>
  /** Event name → the score before smoothing, in [0, 1]; equal to `scores` until `smooth` has run. */
  readonly rawScores: Readonly<Record<string, number>>
}

export type EndReason = 'score' | 'max_duration' | 'camera_offline' | 'shutdown' | 'restart' | 'config_change'

/** Something that began, may be updated, and ended. Times are ms since the epoch on frame time. */
export interface WatchEvent {
  /** Unique and sortable; the same input gives the same id. */
  readonly id: string
  readonly camera: string
  readonly event: string
  /** When it happened, as far as the rule knows: at most the `frameTime` of `new`, which is when it was certain. */
  readonly startTime: number
  readonly endTime: number | null
  /** Capture time of the frame that caused this state. */
  readonly frameTime: number
  /** Smoothed score at `frameTime`, [0, 1]. */
  readonly score: number
  readonly topScore: number
  readonly topTime: number
  readonly endReason: EndReason | null
  readonly variant: string
}

/** One step in an event's life: what sinks receive. */
export interface EventChange {
  readonly kind: 'event'
  readonly type: 'new' | 'update' | 'end'
  /** Counts up from 0 within the event. */
  readonly seq: number
  readonly before: WatchEvent | null
  readonly after: WatchEvent
  /** JPEG of the frame at `after.frameTime` (`new`) or of the peak (`update` with a new peak); null otherwise. */
  readonly snapshot: Uint8Array | null
}

/** What leaves the pipeline. */
export type Outcome = EventChange | ScoredFrame | CameraStatus

/** What the pipeline needs of a model: pixels in, vectors out. */
export interface Encoder {
  /** Largest batch one call may carry. */
  readonly maxBatch: number
  /**
   * Encodes pictures, each [size, size, 3] uint8 RGB. The buffers are transferred: unusable afterwards.
   * One L2-normalised vector per picture, in order. Rejects when the worker died; those frames are lost.
   */
  encode(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<EncodedBatch>
}

export interface EncodedBatch {
  readonly variant: string
  /** One [dim] float32 vector per picture, L2-normalised. */
  readonly embeddings: readonly Float32Array[]
  /** Seconds the session ran. */
  readonly seconds: number
}

/** Two-way text side of an event: is it this, rather than any of those? All vectors L2-normalised [dim] float32. */
export interface EventText {
  readonly event: string
  /** Average of the event's prompts over the templates. */
  readonly positive: Float32Array
  /** One vector per contrast phrase: the event's own `against` and the shared background. */
  readonly contrast: readonly Float32Array[]
  /** For rule `level`: graded phrases from none (first) to most (last); null otherwise. */
  readonly grades: readonly Float32Array[] | null
}

/** How a margin becomes a score, fitted per variant: score = sigmoid((margin − centre) / width). */
export interface Calibration {
  readonly centre: number
  /** Above 0. */
  readonly width: number
}

/** What scoring needs of a model and its events. */
export interface ScoringTexts {
  readonly variant: string
  /** CLIP's logit scale, e^logit_scale: 100 for OpenAI's. */
  readonly logitScale: number
  readonly calibration: Calibration
  readonly events: readonly EventText[]
}
