/** Reads an export of Label Studio, JSON or JSON-MIN: regions of timelines, tracked rectangles, and regions in seconds. */

import { z } from 'zod'
import { type Label, type LabelFile, type LabelledVideo, splitMark } from './label.ts'
import { labelError, quoted } from './labelError.ts'
import { parseShape } from './parseShape.ts'
import { uploadNames } from './uploadNames.ts'

const number = z.number('a number')
const texts = z.array(z.string('a label'), 'a list of labels')
const ranges = z.array(z.object({ start: number, end: number }, 'a range'), 'a list of ranges')
const sequence = z.array(
  z.object({ frame: number, enabled: z.boolean('true or false').optional() }, 'a keyframe'),
  'a list of keyframes',
)

/** The `value` of a region; which keys it has depends on the tag that made it. */
const regionSchema = z.object({
  ranges: ranges.optional(),
  timelinelabels: texts.optional(),
  sequence: sequence.optional(),
  framesCount: number.optional(),
  duration: number.optional(),
  labels: texts.optional(),
  start: number.optional(),
  end: number.optional(),
})

const resultSchema = z.object({
  value: z.record(z.string(), z.unknown(), 'the value of a region').optional(),
  meta: z.object({ text: z.union([z.string(), z.array(z.string())]).optional() }).optional(),
})

const taskSchema = z.object({
  data: z.record(z.string(), z.unknown(), 'the data of a task'),
  file_upload: z.string().nullish(),
  annotations: z.array(
    z.object({
      was_cancelled: z.boolean().nullish(),
      ground_truth: z.boolean().nullish(),
      result: z.array(resultSchema, 'a list of results').nullish(),
    }),
    'a list of annotations',
  ),
})

const minimalSchema = z.record(z.string(), z.unknown(), 'a task of Label Studio')

type Region = z.output<typeof regionSchema>

/** A region with its place. */
interface Placed {
  readonly region: Region
  readonly isUncertain: boolean
  readonly place: string
}

/** @param tasks the tasks of an export. @throws WatchwordError `labels-invalid` */
export function readLabelStudio(tasks: readonly unknown[], file: string): LabelFile {
  if (tasks.length === 0) throw labelError(file, null, 'Expected tasks of Label Studio, got an empty list')
  const videos = tasks.map((task, i) => (isFull(task) ? readTask(task, i, file) : readMinimal(task, i, file)))
  return { format: 'label-studio', merges: true, videos }
}

function isFull(task: unknown): boolean {
  return typeof task === 'object' && task !== null && 'annotations' in task && Array.isArray(task.annotations)
}

function readTask(task: unknown, index: number, file: string): LabelledVideo {
  const at = `[${index}]`
  const { data, file_upload, annotations } = parseShape(taskSchema, task, { file, at })
  const done = annotations.map((each, i) => ({ ...each, i })).filter(({ was_cancelled }) => was_cancelled !== true)
  const chosen = done.filter(({ ground_truth }) => ground_truth === true)
  const [annotation, ...others] = chosen.length > 0 ? chosen : done
  if (others.length > 0) {
    const hint = 'Mark the right one as ground truth in Label Studio'
    throw labelError(file, at, `Expected one annotation, got ${others.length + 1}`, hint)
  }
  const placed = (annotation?.result ?? []).map(({ value, meta }, i): Placed => {
    const place = `${at}.annotations[${annotation?.i}].result[${i}]`
    return {
      region: parseShape(regionSchema, value ?? {}, { file, at: place }),
      isUncertain: isUncertain(meta?.text),
      place,
    }
  })
  const names = videoNames(data)
  return { video: uploadNames(names.length > 0 ? names : [file_upload ?? '']), ...labelsOf(placed) }
}

/** JSON-MIN: the values of the regions stand under the name of their tag, beside the task's data. */
function readMinimal(task: unknown, index: number, file: string): LabelledVideo {
  const record = parseShape(minimalSchema, task, { file, at: `[${index}]` })
  const placed = Object.entries(record).flatMap(([key, value]) =>
    Array.isArray(value)
      ? value.flatMap((each, i) =>
          placedIn(each, `[${index}].${/^\w{1,80}$/.test(key) ? key : quoted(key)}[${i}]`, file),
        )
      : [],
  )
  return { video: uploadNames(videoNames(record)), ...labelsOf(placed) }
}

/** Other lists, such as choices, hold no objects. */
function placedIn(value: unknown, place: string, file: string): Placed[] {
  if (typeof value !== 'object' || value === null) return []
  return [{ region: parseShape(regionSchema, value, { file, at: place }), isUncertain: false, place }]
}

/** Where a path may stand in the data of a task: under `video`, or in whatever looks like one. */
function videoNames(data: Readonly<Record<string, unknown>>): string[] {
  const named = Object.entries(data).sort(([a], [b]) => Number(b === 'video') - Number(a === 'video'))
  return named.flatMap(([key, value]) =>
    typeof value === 'string' && (key === 'video' || /\.(mp4|mkv|mov|avi|webm|m4v|ts|mpg|mpeg)\b/i.test(value))
      ? [value]
      : [],
  )
}

function isUncertain(text: string | readonly string[] | undefined): boolean {
  return [text ?? []].flat().some(each => /^(ignored?|uncertain)$/i.test(each.trim()))
}

function labelsOf(placed: readonly Placed[]): Pick<LabelledVideo, 'fps' | 'labels'> {
  // Timelines count frames from 1. Seconds, which some importers write, are seldom all whole numbers.
  const bounds = placed.flatMap(({ region }) => (region.ranges ?? []).flatMap(({ start, end }) => [start, end]))
  const unit = bounds.every(Number.isInteger) ? 'frames' : 'seconds'
  const labels = placed.flatMap(({ region, isUncertain, place }): Label[] => {
    const spans = spansOf(region, unit)
    return (region.timelinelabels ?? region.labels ?? []).flatMap(event => {
      const mark = splitMark(event)
      return spans.map(span => ({ ...span, event: mark.event, ignored: mark.ignored || isUncertain, place }))
    })
  })
  return { fps: rateOf(placed), labels }
}

type Times = Pick<Label, 'from' | 'to' | 'unit'>

function spansOf({ ranges = [], sequence, framesCount, start, end }: Region, unit: Label['unit']): Times[] {
  const first = unit === 'frames' ? 1 : 0
  const onTimeline = ranges.map(range => ({ from: range.start - first, to: range.end, unit }))
  const tracked = sequence === undefined ? [] : trackedSpans(sequence, framesCount)
  const inSeconds = start === undefined || end === undefined ? [] : [{ from: start, to: end, unit: 'seconds' } as const]
  return [...onTimeline, ...tracked, ...inSeconds]
}

/** A rectangle is shown from a keyframe until the next one that is not enabled, that one included; else to the end. */
function trackedSpans(sequence: NonNullable<Region['sequence']>, framesCount: number | undefined): Times[] {
  const spans: { from: number; to: number; unit: 'frames' }[] = []
  let isOn = false
  for (const { frame, enabled = true } of [...sequence].sort((a, b) => a.frame - b.frame)) {
    const last = spans.at(-1)
    if (isOn && last) last.to = frame
    else spans.push({ from: frame - 1, to: frame, unit: 'frames' })
    isOn = enabled
  }
  const last = spans.at(-1)
  if (isOn && last && framesCount !== undefined) last.to = Math.max(last.to, framesCount)
  return spans
}

/** Frames a second, from a tracked rectangle; null without one. */
function rateOf(placed: readonly Placed[]): number | null {
  for (const { region } of placed) {
    const { framesCount = 0, duration = 0 } = region
    if (framesCount > 0 && duration > 0) return framesCount / duration
  }
  return null
}
