/** Reads tracks of CVAT (“CVAT for video 1.1”): an event is on while an object with its label is not outside. */

import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { messageOf } from '../../util/errors.ts'
import { isYes, type Label, type LabelFile, type LabelText, splitMark } from './label.ts'
import { labelError, quoted } from './labelError.ts'

/** Frame numbers are those of the video, from 0, also where a task shows every nth frame. */
interface Shape {
  readonly frame: number
  outside: boolean
  readonly isSkeleton: boolean
}

interface Track {
  readonly label: string
  readonly line: number
  readonly shapes: Shape[]
  ignored: boolean
}

interface Found {
  readonly tracks: Track[]
  /** Texts of the elements below `meta`, by name, in order. */
  readonly meta: Map<string, string[]>
}

const META = ['source', 'fps', 'frame_rate', 'frame_filter'] as const

/**
 * Entities of a document type are not expanded: one that XML does not define is an error.
 * @throws WatchwordError `labels-invalid`
 */
export function readCvat({ file, text }: LabelText): LabelFile {
  const { tracks, meta } = parse({ file, text })
  const sources = (meta.get('source') ?? []).filter(source => source !== '')
  if (sources.length > 1)
    throw labelError(file, null, `Expected the annotations of one video, got ${sources.length} videos`, EACH)
  const step = stepOf(meta.get('frame_filter')?.[0] ?? '')
  const fps = Number(meta.get('fps')?.[0] ?? meta.get('frame_rate')?.[0] ?? Number.NaN)
  const labels = tracks.flatMap(track => labelsOf(track, step))
  return { format: 'cvat', merges: true, videos: [{ video: sources, fps: fps > 0 ? fps : null, labels }] }
}

const EACH = 'Export each task by itself, as “CVAT for video 1.1”'

function parse({ file, text }: LabelText): Found {
  const parser = new SaxesParser({ xmlns: false })
  const reading = new Reading((problem, hint) => {
    throw labelError(file, `line ${parser.line}`, problem, hint)
  })
  parser.on('opentag', tag => reading.open(tag, parser.line))
  parser.on('text', part => reading.text(part))
  parser.on('closetag', ({ name }) => reading.close(name))
  parser.on('error', error => {
    // saxes puts `line:column: ` before its message.
    throw labelError(file, `line ${parser.line}`, `Expected XML: ${messageOf(error).replace(/^\d+:\d+: /, '')}`)
  })
  parser.write(text).close()
  return reading.found
}

/** Where the parser is in the file. */
class Reading {
  readonly found: Found = { tracks: [], meta: new Map() }
  readonly #fail: (problem: string, hint?: string) => never
  /** Names of the open elements. */
  readonly #path: string[] = []
  #track: Track | null = null
  #shape: Shape | null = null
  /** Name of the open <attribute>. */
  #attribute: string | null = null
  #content = ''

  constructor(fail: (problem: string, hint?: string) => never) {
    this.#fail = fail
  }

  open(tag: SaxesTagPlain, line: number): void {
    const { name, attributes } = tag
    const depth = this.#path.push(name)
    this.#content = ''
    if (depth === 1) this.#openRoot(name)
    else if (depth === 2) this.#openPart(tag, line)
    else if (this.#track !== null && name === 'attribute') this.#attribute = attributes.name ?? null
    else if (this.#track !== null && depth === 3) this.#openShape(this.#track, tag)
    // A skeleton is outside when all of its points are.
    else if (this.#shape?.isSkeleton === true && attributes.outside !== '1') this.#shape.outside = false
  }

  text(part: string): void {
    if (this.#attribute !== null || this.#path[1] === 'meta') this.#content += part
  }

  close(name: string): void {
    if (this.#path[1] === 'meta' && META.some(each => each === name))
      this.found.meta.set(name, [...(this.found.meta.get(name) ?? []), this.#content.trim()])
    if (name === 'attribute') this.#closeAttribute()
    this.#path.pop()
    if (this.#path.length === 2) this.#shape = null
    if (this.#path.length === 1) this.#track = null
  }

  #openRoot(name: string): void {
    const hint = 'Labels as XML are those of CVAT, exported as “CVAT for video 1.1”'
    if (name !== 'annotations') this.#fail(`Expected <annotations>, got <${name}>`, hint)
  }

  #openPart({ name, attributes }: SaxesTagPlain, line: number): void {
    if (name === 'image') this.#fail('Expected tracks, got <image>', EACH)
    if (name !== 'track') return
    if (attributes.task_id !== undefined)
      this.#fail('Expected the annotations of one task, got those of a project', EACH)
    const label = attributes.label?.trim() || this.#fail('Expected a `label` of <track>, got nothing')
    this.#track = { label, line, shapes: [], ignored: false }
    this.found.tracks.push(this.#track)
  }

  #openShape(track: Track, { name, attributes }: SaxesTagPlain): void {
    const { frame, outside } = attributes
    const number =
      frame !== undefined && /^\d{1,9}$/.test(frame)
        ? Number(frame)
        : this.#fail(`Expected \`frame\` of <${name}> to be a frame number, got ${quoted(frame)}`)
    const isSkeleton = name === 'skeleton'
    this.#shape = { frame: number, outside: isSkeleton || outside === '1', isSkeleton }
    track.shapes.push(this.#shape)
  }

  #closeAttribute(): void {
    if (this.#track !== null && /^(ignored?|uncertain)$/i.test(this.#attribute ?? '') && isYes(this.#content))
      this.#track.ignored = true
    this.#attribute = null
  }
}

/** `step=5` of the task's frame filter: only every fifth frame was labelled. */
function stepOf(filter: string): number {
  return Number(/^step ?= ?(\d{1,6})$/.exec(filter.trim())?.[1] ?? 1) || 1
}

/** Shapes between keyframes are interpolated, so an object stays until a shape is outside, or until after its last one. */
function labelsOf({ label, line, shapes, ignored }: Track, step: number): Label[] {
  const mark = splitMark(label)
  const spans: { from: number; to: number }[] = []
  let isIn = false
  for (const { frame, outside } of [...shapes].sort((a, b) => a.frame - b.frame)) {
    const last = spans.at(-1)
    if (isIn && last) last.to = outside ? frame : frame + step
    else if (!outside) spans.push({ from: frame, to: frame + step })
    isIn = !outside
  }
  return spans.map(span => ({
    ...span,
    event: mark.event,
    ignored: ignored || mark.ignored,
    unit: 'frames',
    place: `line ${line}`,
  }))
}
