/** What a labels file says, before its times are checked against a video. */

/** `spans`: the ground truth that `demo` writes. `events`: the events that `detect` writes. */
export type LabelFormat = 'spans' | 'events' | 'csv' | 'srt' | 'cvat' | 'label-studio'

export interface Label {
  /** As written, without the mark of an uncertain one. */
  readonly event: string
  /** In `unit` from the video's beginning; frame 0 is the first. May be reversed or negative: it is not checked yet. */
  readonly from: number
  /** Not included: for frames the one after the last. */
  readonly to: number
  readonly unit: 'seconds' | 'frames'
  /** Uncertain: what is found there counts neither for nor against. */
  readonly ignored: boolean
  /** Where it stands: `line 12`, `spans[3]`. */
  readonly place: string
}

export interface LabelledVideo {
  /** Paths or names of the video, the most likely first; none: it has the base name of the labels file. */
  readonly video: readonly string[]
  /** Frame rate by which the file counts frames; null: it does not say. */
  readonly fps: number | null
  /** None: nothing happens in it. */
  readonly labels: readonly Label[]
}

export interface LabelFile {
  readonly format: LabelFormat
  /** At least one. */
  readonly videos: readonly LabelledVideo[]
  /** Spans of one event that overlap are one: the labels follow objects, and an event lasts while one is there. */
  readonly merges: boolean
}

/** Text of a labels file. */
export interface LabelText {
  /** Its path, for messages. */
  readonly file: string
  readonly text: string
}

/** More labels than people draw; a table of something else may have them. */
export const MOST_LABELS = 100_000

/** `person walking?` is uncertain. */
export function splitMark(event: string): Pick<Label, 'event' | 'ignored'> {
  const name = event.trim()
  return name.endsWith('?') ? { event: name.slice(0, -1).trim(), ignored: true } : { event: name, ignored: false }
}

/** What people write for yes. */
export function isYes(text: string): boolean {
  return ['1', 'true', 'yes', 'y', 'x'].includes(text.trim().toLowerCase())
}
