/** Evaluates labelled footage: reads the labels, then each video under each variant. */

import { basename } from 'node:path'
import { loadZones, NO_ZONES, type ZonesFile } from '../../config/loadZones.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import { type Truth, truthOf } from '../../eval/truthOf.ts'
import { durationMs } from '../../sources/durationMs.ts'
import { findFfmpeg } from '../../sources/ffmpeg/findFfmpeg.ts'
import { checkFile } from '../../sources/file.ts'
import { probe } from '../../sources/probe.ts'
import { sourceKind } from '../../sources/sourceKind.ts'
import { WatchwordError } from '../../util/errors.ts'
import { pluralize } from '../../util/pluralize.ts'
import { type DetectVideoListeners, detectVideo, refuseAddress } from '../detect/detectVideo.ts'
import { type EvaluatedEvents, evaluatedEvents } from './evaluatedEvents.ts'
import { type EvaluateOptions, evaluateVideo } from './evaluateVideo.ts'
import type { EvaluatedVideo, Evaluation } from './evaluation.ts'
import { type Footage, openLabels } from './openLabels.ts'
import { summarize } from './summarize.ts'

export interface EvaluateLabelsOptions {
  /** The video of the one labels file. Default: the labels name it. */
  readonly video?: string
  /** Names of the library or phrases. Default: the events that the labels name. */
  readonly events?: readonly string[]
  /** Name or folder. */
  readonly model: string
  readonly variant: readonly string[]
  /** Frames per second to analyse. Default 4. */
  readonly fps?: number
  /** Frame rate at which labels count frames. Default: as the labels say, or that of the video. */
  readonly labelFps?: number
  readonly calibrate: string
  /** Path of a file with zones and masks. */
  readonly zones?: string
  readonly crops: number
  /** Least intersection over union of a pair, (0, 1]. */
  readonly overlap: number
  /** Labels of several videos are refused, because what was found is of one. */
  readonly onlyOne?: boolean
}

export interface EvaluateListeners extends Pick<DetectVideoListeners, 'onFrame' | 'onLog' | 'onStep'> {
  /** Before a video is read. */
  readonly onVideo?: (video: string, variant: string) => void
}

export interface EvaluateDeps {
  readonly detect: EvaluateOptions['detect']
}

/** @throws WatchwordError for wrong labels before the first video is read; as `detectVideo` */
export async function evaluate(
  files: readonly string[],
  options: EvaluateLabelsOptions,
  listeners: EvaluateListeners = {},
  { detect }: EvaluateDeps = { detect: detectVideo },
): Promise<Evaluation> {
  const footage = await openLabels(files, options.video)
  if (options.onlyOne === true && footage.length > 1)
    throw new WatchwordError(`Expected the labels of one video with --found, got those of ${footage.length}`, {
      code: 'invalid-option',
    })
  const events = evaluatedEvents(footage, options.events, readLibrary())
  const zones = options.zones === undefined ? NO_ZONES : loadZones(options.zones, events.names)
  const checked: Checked[] = []
  for (const each of footage) checked.push(await check(each, events, options))
  const videos: EvaluatedVideo[] = []
  for (const { footage, truth, length } of checked) {
    const results: Awaited<ReturnType<typeof evaluateVideo>>[] = []
    for (const variant of options.variant) {
      listeners.onVideo?.(footage.path, variant)
      const detection = { ...detectionOf(options, events, zones), variant }
      const { path } = footage
      const { overlap } = options
      results.push(await evaluateVideo({ path, truth, durationMs: length, overlap, detection, listeners, detect }))
    }
    videos.push({ footage: { file: footage.file, path: footage.path }, truth, results })
  }
  return {
    model: videos[0]?.results[0]?.model ?? options.model,
    overlap: options.overlap,
    videos,
    variants: options.variant.map((variant, i) =>
      summarize(
        variant,
        videos.flatMap(({ results }) => results[i] ?? []),
      ),
    ),
    notes: checked.flatMap(notesOf),
  }
}

function detectionOf(
  { model, fps, calibrate, crops }: EvaluateLabelsOptions,
  { names, library }: EvaluatedEvents,
  zones: ZonesFile,
) {
  return {
    library,
    events: names,
    model,
    scoring: 'two-way',
    calibrate,
    zones,
    crops,
    ...(fps !== undefined && { fps }),
  } as const
}

interface Checked {
  readonly footage: Footage
  readonly truth: Truth
  /** ms; null: its header does not state it. */
  readonly length: number | null
}

/** Finds mistakes in the labels before hours of footage are read. */
async function check(footage: Footage, { eventOf }: EvaluatedEvents, options: EvaluateLabelsOptions): Promise<Checked> {
  const { file, path, merges, labels } = footage
  refuseAddress(path)
  const isVideo = sourceKind('auto', path) !== 'images'
  if (isVideo) await checkFile(path)
  const ffmpeg = await findFfmpeg()
  const length = isVideo ? await durationMs(path, ffmpeg) : null
  let fps = options.labelFps ?? footage.fps
  if (fps === null && isVideo && labels.some(({ unit }) => unit === 'frames'))
    fps = (await probe(path, { ffmpeg, redact: text => text })).fps
  const truth = truthOf(footage, { file, video: basename(path), fps, durationMs: length, merges, eventOf })
  return { footage, truth, length }
}

function notesOf({ footage: { file }, truth: { merged, skipped } }: Checked): string[] {
  return [
    ...(merged === 0
      ? []
      : [`${file}: ${pluralize(merged, 'span')} overlapped another one of its event and was merged with it`]),
    ...(skipped === 0 ? [] : [`${file}: ${pluralize(skipped, 'label')} of other events left out`]),
  ]
}
