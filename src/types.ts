/** Domain types shared by all modules. */

import type { Judgement, Why } from './scoringTypes.ts'

/** A fault of a camera's image while frames still arrive. */
export type ImageProblem = 'frozen' | 'dark'

/** Why a camera was lost; determines how the supervisor backs off. */
export type LossReason = 'timeout' | 'refused' | 'eof' | 'auth' | 'not-found' | 'crash' | 'frozen' | 'invalid-data'

/** Part of a camera's image, in fractions of its width and height as people see it: all in [0, 1]. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A place in a camera's image, in fractions of its width and height. */
export type Point = readonly [x: number, y: number]

/** A named part of a camera's image. */
export interface Zone {
  readonly name: string
  /** At least three corners. */
  readonly polygon: readonly Point[]
}

/** The image of a moment in its true shape, with square pixels; larger than the model's input where the camera's is. */
export interface DetailImage {
  readonly width: number
  readonly height: number
  /** [height, width, 3] uint8 RGB. */
  readonly pixels: Uint8Array<ArrayBuffer>
}

/** One sampled image of one camera. */
export interface Frame {
  readonly kind: 'frame'
  readonly camera: string
  /** Counts up from 0 per camera over the whole run, reconnects included. */
  readonly seq: number
  /** ms since the epoch. Live: arrival. Files: the file's start plus the presentation time. */
  readonly capturedAt: number
  /** [size, size, 3] uint8 RGB, row by row. */
  readonly pixels: Uint8Array<ArrayBuffer>
  /** Side of the square image in pixels: the model's input size. */
  readonly size: number
  /** The same image as JPEG at snapshot size; null unless requested. */
  readonly jpeg: Uint8Array | null
  /** The same moment, larger; null unless requested. `markStill` cuts the crops out of it and drops it. */
  readonly detail: DetailImage | null
  /** Zone name → the part of the same image in which the zone lies (`zoneBox`), [size, size, 3] uint8 RGB. */
  readonly zoneImages: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly problem: ImageProblem | null
}

/** A change of a camera's state. Flows in order among its frames. */
export interface CameraStatus {
  readonly kind: 'status'
  readonly camera: string
  /** ms since the epoch, on the same clock as the camera's frames. */
  readonly at: number
  /** `ended`: a file or folder was read to its end; nothing will follow. */
  readonly state: 'connecting' | 'online' | 'offline' | 'ended' | 'disabled'
  readonly problem: ImageProblem | null
  readonly reason: LossReason | null
  /** One redacted line for people; null when there is nothing to add. */
  readonly detail: string | null
  /** ms until the next attempt; null when none is planned. */
  readonly retryInMs: number | null
}

/** Frames of a stage, with camera statuses in between that every operator passes on in order. */
export type Signal<T extends { readonly kind: 'frame' }> = T | CameraStatus

/** What lights a camera's image. `infrared`: the camera's own lamp, an image without colour. */
export type Light = 'day' | 'night' | 'infrared'

/** `crop`: a window around something that moves or has come to rest. `zone`: the part in which a zone lies. */
export type ViewKind = 'whole' | 'crop' | 'zone'

/** A part of a frame that the encoder sees. */
export interface View {
  /** `whole`, `crop-12`, `zone-gate`: the same for as long as it follows the same part of the image. */
  readonly id: string
  readonly kind: ViewKind
  /** What the encoder sees. */
  readonly box: Box
  /** What moves or has come to rest in it; the whole image or the zone's bounds where nothing does. */
  readonly subject: Box
  /** Zone name → fraction of the subject that lies inside the zone, above 0. */
  readonly zones: Readonly<Record<string, number>>
  /** As for the whole image, in fractions of this view, or of the zone: [0, 1]. */
  readonly motion: number
  readonly settled: number
  /** Its last embedding is reused: it shows the same as then, or its crop waits for its turn. */
  readonly still: boolean
}

/** A view beside the whole image, with its own pixels. */
export interface PartialView extends View {
  readonly kind: 'crop' | 'zone'
  /** [size, size, 3] uint8 RGB; `size` is the frame's. */
  readonly pixels: Uint8Array<ArrayBuffer>
}

/** A frame after change detection. */
export interface MarkedFrame extends Frame {
  /** Fraction of the image that changed since the previous frame, noise removed: [0, 1]. */
  readonly motion: number
  /** Fraction of the image that differs from the background and has come to rest: [0, 1]. A car that stopped, not one that passes. */
  readonly settled: number
  /** The scene is the same as in the last encoded frame, so its embedding may be reused. */
  readonly still: boolean
  readonly light: Light
  /** Zones first, then crops. */
  readonly views: readonly PartialView[]
}

/** A frame with its embedding under the variant that decides events. */
export interface EncodedFrame {
  readonly kind: 'frame'
  readonly frame: MarkedFrame
  /** [dim] float32, L2-normalised. Shared between still frames: never write to it. */
  readonly embedding: Float32Array
  readonly variant: string
  /** True when a still frame reused the previous embedding. */
  readonly reused: boolean
  /** The frame's views that have an embedding. Crops may be missing: they are dropped first. */
  readonly views: readonly EncodedView[]
}

export interface EncodedView {
  readonly view: PartialView
  /** [dim] float32, L2-normalised. Shared between still views: never write to it. */
  readonly embedding: Float32Array
  readonly reused: boolean
}

/** An encoded view, as what the camera usually shows is learned from it. */
export interface SeenView {
  readonly frame: MarkedFrame
  /** `whole`, `crop` or `zone-NAME`: views are compared with others of the same world only. */
  readonly world: string
  /** [dim] float32, L2-normalised. */
  readonly embedding: Float32Array
  readonly reused: boolean
}

/** A frame with one score for each event that its camera watches. */
export interface ScoredFrame {
  readonly kind: 'frame'
  readonly frame: MarkedFrame
  readonly variant: string
  /** Event name → the highest score of the views that count for the event, in [0, 1]. */
  readonly scores: Readonly<Record<string, number>>
  /** Event name → the same before smoothing; equal to `scores` until `smooth` has run. */
  readonly rawScores: Readonly<Record<string, number>>
  /** The whole image first. */
  readonly views: readonly ScoredView[]
  /** Event name → its rule's evidence, [0, 1], and the deciding view's id. Absent before `detect`, and for frames with a problem. */
  readonly evidence?: Readonly<Record<string, { readonly view: string | null; readonly level: number }>>
}

/** A view with the scores of the events that it counts for. */
export interface ScoredView {
  readonly view: View
  /** [size, size, 3] uint8 RGB; null for the whole image. */
  readonly pixels: Uint8Array | null
  /** [dim] float32, L2-normalised. Shared between still views: never write to it. */
  readonly embedding: Float32Array
  readonly scores: Readonly<Record<string, number>>
  readonly rawScores: Readonly<Record<string, number>>
  /** How each raw score came about; empty where all events are scored against each other. */
  readonly judgements: Readonly<Record<string, Judgement>>
}

/** Where an event was at its peak. */
export interface Where {
  readonly box: Box
  /** Names of the zones that the box touches. */
  readonly zones: readonly string[]
  readonly view: ViewKind
}

/** What the encoder saw when an event was at its peak. */
export interface ViewImage {
  /** The part of the camera's image that it shows. */
  readonly box: Box
  /** Side of the square, pixels. */
  readonly size: number
  /** [size, size, 3] uint8 RGB. */
  readonly pixels: Uint8Array
}

export type EndReason = 'score' | 'max_duration' | 'camera_offline' | 'shutdown' | 'restart' | 'config_change'

/** Something that began, may be updated, and ended. Times are ms since the epoch on frame time. */
export interface WatchEvent {
  /** Unique and sortable; the same input has the same id. */
  readonly id: string
  readonly camera: string
  readonly event: string
  /** When it happened according to the rule; not later than the `frameTime` of `new`, which is when it was certain. */
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
  /** At the peak; null for a change that an older version stored. */
  readonly where: Where | null
  /** At the peak; null for a change that an older version stored, and where no words are known. */
  readonly why: Why | null
}

/** One change of an event, as sinks receive it. */
export interface EventChange {
  readonly kind: 'event'
  readonly type: 'new' | 'update' | 'end'
  /** Counts up from 0 within the event. */
  readonly seq: number
  readonly before: WatchEvent | null
  readonly after: WatchEvent
  /** JPEG of the frame at `after.frameTime` (`new`) or of the peak (`update` with a new peak); null otherwise. */
  readonly snapshot: Uint8Array | null
  /** The crop or zone that decided, at the moment of `snapshot`; null for the whole image, and without a snapshot. */
  readonly viewImage: ViewImage | null
}

/** Everything that leaves the pipeline. */
export type Outcome = EventChange | ScoredFrame | CameraStatus

/** The model as the pipeline needs it: pixels in, vectors out. */
export interface Encoder {
  /** Largest batch one call may carry. */
  readonly maxBatch: number
  /**
   * Encodes images, each [size, size, 3] uint8 RGB. The buffers are transferred and unusable afterwards.
   * Returns one L2-normalised vector per image, in order. Rejects when the worker died; those frames are lost.
   */
  encode(images: readonly Uint8Array<ArrayBuffer>[]): Promise<EncodedBatch>
}

export interface EncodedBatch {
  readonly variant: string
  /** One [dim] float32 vector per image, L2-normalised. */
  readonly embeddings: readonly Float32Array[]
  /** Seconds the session ran. */
  readonly seconds: number
}
