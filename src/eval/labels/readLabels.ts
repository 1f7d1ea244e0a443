/** Reads a labels file of any known format; the content decides which it is. */

import { messageOf } from '../../util/errors.ts'
import { type LabelFile, type LabelText, MOST_LABELS } from './label.ts'
import { labelError } from './labelError.ts'
import { isCsvLabels, readCsvLabels } from './readCsvLabels.ts'
import { readCvat } from './readCvat.ts'
import { readEvents } from './readEvents.ts'
import { readLabelStudio } from './readLabelStudio.ts'
import { readSpans } from './readSpans.ts'
import { isSrtLabels, readSrtLabels } from './readSrtLabels.ts'

/** All formats, for messages. */
const KNOWN =
  'Expected labels as JSON with `spans` or `events`, a table with the columns video, event, from, to, subtitles (SRT), XML of CVAT, or JSON of Label Studio'

/** @throws WatchwordError `labels-invalid`: one line with the file and the place */
export function readLabels({ file, text: raw }: LabelText): LabelFile {
  const text = raw.replace(/^\ufeff/, '')
  const start = text.trimStart()
  if (start === '') throw labelError(file, null, 'the file is empty')
  const labels = readFormat({ file, text }, start)
  const count = labels.videos.reduce((sum, video) => sum + video.labels.length, 0)
  if (count > MOST_LABELS) throw labelError(file, null, `Expected at most ${MOST_LABELS} labels, got more`)
  return labels
}

function readFormat(labels: LabelText, start: string): LabelFile {
  if (start.startsWith('<')) return readCvat(labels)
  if (start.startsWith('{') || start.startsWith('[')) return readJson(labels)
  if (isSrtLabels(start)) return readSrtLabels(labels)
  if (isCsvLabels(start)) return readCsvLabels(labels)
  throw labelError(labels.file, null, KNOWN)
}

function readJson({ file, text }: LabelText): LabelFile {
  const value = jsonOf(file, text)
  if (Array.isArray(value)) return readLabelStudio(value, file)
  const has = (key: string) => typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  if (has('spans') && has('events')) throw labelError(file, null, 'Expected either `spans` or `events`, got both')
  if (has('spans')) return readSpans(value, file)
  if (has('events')) return readEvents(value, file)
  if (has('annotations')) return readLabelStudio([value], file)
  throw labelError(file, null, KNOWN)
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const at = /at position (\d+)/.exec(messageOf(error))?.[1]
    const place = at === undefined ? null : `line ${text.slice(0, Number(at)).split('\n').length}`
    throw labelError(file, place, `Expected JSON: ${messageOf(error)}`)
  }
}
