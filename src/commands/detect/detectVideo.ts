/** Runs one video through the pipeline without losing frames: the reader waits for the encoder. */

import { basename, resolve } from 'node:path'
import { EMPTY, NEVER } from 'rxjs'
import { cameraSchema } from '../../config/cameraSchema.ts'
import { modelSchema } from '../../config/configSchema.ts'
import { NO_ZONES, type ZonesFile } from '../../config/loadZones.ts'
import type { PromptLibrary } from '../../config/promptLibrary.ts'
import { resolveEvents } from '../../config/resolveEvents.ts'
import type { DetectRule } from '../../operators/detect/detectRule.ts'
import { NO_MEMORY } from '../../operators/score.ts'
import { rulesOf } from '../../operators/watchState.ts'
import { pipeline } from '../../pipeline.ts'
import type { SourceDeps } from '../../sources/decodedImage.ts'
import { findFfmpeg } from '../../sources/ffmpeg/findFfmpeg.ts'
import { readFile } from '../../sources/file.ts'
import type { ImageParts } from '../../sources/imageParts.ts'
import { readFolder } from '../../sources/readFolder.ts'
import { sourceKind } from '../../sources/sourceKind.ts'
import { createTelemetry } from '../../telemetry/createTelemetry.ts'
import type { Frame, Outcome, Signal } from '../../types.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import { WatchwordError } from '../../util/errors.ts'
import { createRedactor } from '../../util/redactor.ts'
import { imagePartsOf } from '../imagePartsOf.ts'
import { startEngine } from '../startEngine.ts'
import { FRAME_GAP_MS, thresholdsOf, watchStateOf } from '../watchStateOf.ts'
import { createFindings, type Finding, type Findings } from './findings.ts'
import type { RunFacts } from './formats.ts'
import { openMemory } from './openMemory.ts'

export interface DetectVideoOptions {
  readonly library: PromptLibrary
  /** Names in the library. */
  readonly events: readonly string[]
  /** Analyse every nth frame; overrides `fps`. */
  readonly sampleRate?: number
  /** Frames per second to analyse. Default 4. For a folder of images it is their frame rate. */
  readonly fps?: number
  readonly maxFrames?: number
  /** Frame rate to assume in place of the video's own timestamps. */
  readonly inputFps?: number
  readonly model: string
  readonly variant: string
  readonly scoring: 'two-way' | 'softmax'
  /**
   * What scores are judged against: `own` the video itself, `prior` the model's calibration alone, `camera:NAME` the
   * bank of a camera, or the path of another video of the same camera. Default: `own`.
   */
  readonly calibrate?: string
  /** Default: none. */
  readonly zones?: ZonesFile
  /** Most crops a frame; 0: none. Default 2, as for a camera. */
  readonly crops?: number
}

export interface DetectVideoListeners {
  readonly onFinding?: (finding: Finding) => void
  /** Position in the video, ms, and number of frames scored so far. */
  readonly onFrame?: (at: number, frames: number) => void
  /** Everything that leaves the pipeline, in order, before the other listeners see it. */
  readonly onOutcome?: (outcome: Outcome) => void
  /** Describes a step that takes long, in one sentence. */
  readonly onStep?: (sentence: string) => void
  /** A log line of level warn or above. */
  readonly onLog?: (line: string) => void
}

export interface Detected {
  readonly findings: Findings
  readonly facts: RunFacts
  /** Event name → score at which it starts, [0, 1]. */
  readonly thresholds: Readonly<Record<string, number>>
  /** Event name → its rule. */
  readonly rules: ReadonlyMap<string, DetectRule>
}

const DEFAULT_FPS = 4
const CAMERA = 'video'
const SNAPSHOT = { longSide: 640, quality: 4 }

/** @throws WatchwordError for a URL, and for a video, model, variant or event that does not exist */
export async function detectVideo(
  video: string,
  options: DetectVideoOptions,
  { onFinding, onFrame, onOutcome, onStep = () => {}, onLog = () => {} }: DetectVideoListeners = {},
): Promise<Detected> {
  const { calibrate = 'own' } = options
  refuseAddress(video)
  refuseAddress(calibrate)
  if (sourceKind('auto', video) === 'images' && options.inputFps !== undefined)
    throw new WatchwordError('Expected a video for --input-fps, got images: use --fps for the frame rate of images', {
      code: 'invalid-option',
    })
  const config = configOf(video, options)
  const redact = createRedactor()
  const telemetry = createTelemetry({ level: 'warn', format: 'pretty', redact, write: onLog })
  const ffmpeg = await findFfmpeg()
  const dataDir = dataDirectory()
  const engine = await startEngine(config.model, { dataDir, telemetry, onStep })
  const { imageSize: size } = engine.encoder
  const findings = createFindings()
  let rules: Detected['rules']
  try {
    const watchState = watchStateOf(config, await engine.texts(config.events))
    rules = rulesOf(watchState, CAMERA)
    const { masks, ...parts } = imagePartsOf(config.cameras[CAMERA], size)
    const open = (path: string, beside: Beside) =>
      openVideo(path, { options, images: { size, masks, ...beside } }, { ffmpeg, telemetry, redact })
    const memory =
      options.scoring === 'softmax'
        ? NO_MEMORY
        : await openMemory({
            calibrate,
            video,
            dataDir,
            texts: watchState.texts,
            encoder: engine.encoder,
            open: path => open(path, { snapshot: null, ...parts }),
            views: watchState.cameras[0]?.views ?? { crops: 0, zones: [] },
            onStep,
          })
    const frames = keepingError(() => open(video, { snapshot: SNAPSHOT, ...parts }))
    const outcomes$ = pipeline(
      {
        watchState,
        scoring: options.scoring,
        maxBatch: config.model.max_batch_size,
        maxQueueDelayMs: config.model.max_queue_delay,
        lossless: true,
        updateEveryMs: 0,
        gapMs: FRAME_GAP_MS,
      },
      { open: frames.open, encoder: engine.encoder, telemetry, memory, commands$: EMPTY, stop$: NEVER },
    )
    await outcomes$.forEach(outcome => {
      onOutcome?.(outcome)
      const finding = findings.take(outcome)
      if (outcome.kind === 'frame') onFrame?.(outcome.frame.capturedAt, findings.rows.length)
      if (finding) onFinding?.(finding)
    })
    if (frames.failure !== null) throw frames.failure
  } finally {
    await engine.encoder.close()
    telemetry.close()
  }
  const facts = {
    video: basename(video),
    model: engine.model.name,
    variant: options.variant,
    scoring: options.scoring,
    sampling: samplingOf(options),
    frames: findings.rows.length,
  }
  return { findings, facts, thresholds: thresholdsOf(config.events), rules }
}

function samplingOf({ sampleRate, fps = DEFAULT_FPS }: Pick<DetectVideoOptions, 'sampleRate' | 'fps'>) {
  return sampleRate === undefined ? { fps } : { everyNth: sampleRate }
}

type Beside = { readonly snapshot: typeof SNAPSHOT | null } & Partial<ImageParts>

interface VideoReading {
  readonly options: Pick<DetectVideoOptions, 'sampleRate' | 'fps' | 'maxFrames' | 'inputFps'>
  /** Size and parts of each image. */
  readonly images: Beside & { readonly size: number }
}

/** Frames of a video file, or of a folder of images. */
function openVideo(path: string, { options, images }: VideoReading, deps: SourceDeps): AsyncIterable<Signal<Frame>> {
  const { sampleRate, fps = DEFAULT_FPS, maxFrames = null, inputFps = null } = options
  const read = { camera: CAMERA, path, fit: 'stretch', maxFrames, ...images } as const
  return sourceKind('auto', path) === 'images'
    ? readFolder({ ...read, fps, everyNth: sampleRate ?? 1 }, deps)
    : readFile({ ...read, sampling: samplingOf(options), inputFps }, deps)
}

/** The message shows the scheme only, because the URL of a camera may contain its password. */
export function refuseAddress(video: string): void {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(video)?.[1]
  if (scheme === undefined) return
  throw new WatchwordError(`Expected a video file or a folder of images, got a URL: ${scheme}://…`, {
    code: 'video-not-found',
    hint: scheme.startsWith('rtsp')
      ? 'Use `watchword run` with a config for cameras; `ffmpeg -i URL -t 60 -c copy clip.mp4` records a minute.'
      : 'Download it first, then pass its path.',
  })
}

/** The pipeline treats a failed source as a lost camera; `detect` keeps the error to report it. */
function keepingError<T>(open: () => AsyncIterable<T>) {
  const kept = {
    failure: null as unknown,
    async *open() {
      try {
        yield* open()
      } catch (error) {
        kept.failure = error
        throw error
      }
    },
  }
  return kept
}

/** Turns the options into a config of one camera, so that a video is processed like a camera. */
function configOf(video: string, options: DetectVideoOptions) {
  const { library, events, model, variant, scoring, zones = NO_ZONES, crops } = options
  return {
    model: modelSchema.parse({ name: model, variant, scoring }),
    // The whole path: `clip:1.mp4` alone looks like an address.
    cameras: { [CAMERA]: cameraSchema.parse({ url: resolve(video), motion: { enabled: false }, crops, ...zones }) },
    events: resolveEvents(events, library),
  }
}
