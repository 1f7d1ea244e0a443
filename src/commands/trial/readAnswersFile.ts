/** Reads answers that a script or a person wrote: JSON or CSV of moments and yes or no. */

import { readFile } from 'node:fs/promises'
import type { GivenVerdict } from '../../trial/matchVerdicts.ts'
import { systemCodeOf, WatchwordError } from '../../util/errors.ts'
import { shorten } from '../../util/shorten.ts'
import { reasonOf } from '../../util/writeError.ts'

/** Far more than a person answers. */
const LARGEST_BYTES = 10e6

/**
 * JSON: `{ "street@2026-11-30T12:03:10.250Z": "yes" }`, or a list of `{ "moment": …, "answer": … }`, as `--print-questions`
 * prints it. CSV: `moment,answer`. Moments without an answer are left out.
 * @throws WatchwordError `file-unreadable`, `answers-invalid`
 */
export async function readAnswersFile(path: string): Promise<GivenVerdict[]> {
  const bytes = await readFile(path).catch(cause => {
    throw new WatchwordError(
      `Cannot read ${path}: ${systemCodeOf(cause) === 'ENOENT' ? 'there is no such file' : reasonOf(cause)}`,
      { code: 'file-unreadable', cause },
    )
  })
  if (bytes.length > LARGEST_BYTES) throw invalid(path, `it is larger than ${LARGEST_BYTES / 1e6} MB`)
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
  const pairs = /^[[{]/.test(text) ? jsonPairs(path, text) : csvPairs(text)
  return pairs.flatMap(({ moment, answer, where }) => {
    const isTrue = parseAnswer(answer)
    if (isTrue === 'none') return []
    const place = parseMoment(moment)
    if (place === null)
      throw invalid(
        path,
        `expected a moment such as street@2026-11-30T12:03:10.250Z in ${where}, got ${quoted(moment)}`,
      )
    if (isTrue === null) throw invalid(path, `expected yes or no in ${where}, got ${quoted(answer)}`)
    return [{ ...place, isTrue }]
  })
}

interface Row {
  readonly moment: unknown
  readonly answer: unknown
  readonly where: string
}

function jsonPairs(path: string, text: string): Row[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid(path, 'it is no valid JSON')
  }
  const list = isRecord(value) && Array.isArray(value.questions) ? value.questions : value
  if (Array.isArray(list))
    return list.map((each, i) => {
      const { moment, answer } = isRecord(each) ? each : {}
      return { moment, answer, where: `item ${i + 1}` }
    })
  return Object.entries(value as object).map(([moment, answer]) => ({ moment, answer, where: quoted(moment) }))
}

function csvPairs(text: string): Row[] {
  const rows = text.split(/\r?\n/).map((line, i) => {
    const [moment = '', answer = ''] = line.split(/[,;\t]/).map(cell => cell.trim().replace(/^"(.*)"$/, '$1'))
    return { moment, answer, where: `line ${i + 1}` }
  })
  return rows.filter(({ moment }, i) => moment !== '' && !(i === 0 && /^moment$/i.test(moment)))
}

function parseMoment(moment: unknown): { readonly camera: string; readonly at: number } | null {
  const [, camera, time = ''] = /^([^@]+)@(.+)$/.exec(String(moment)) ?? []
  const at = Date.parse(time)
  return camera === undefined || !Number.isFinite(at) ? null : { camera, at }
}

function parseAnswer(answer: unknown): boolean | 'none' | null {
  if (typeof answer === 'boolean') return answer
  const word = String(answer ?? '')
    .trim()
    .toLowerCase()
  if (['', 'skip', 's'].includes(word)) return 'none'
  if (['yes', 'y', 'true', '1'].includes(word)) return true
  return ['no', 'n', 'false', '0'].includes(word) ? false : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function quoted(value: unknown): string {
  return shorten(JSON.stringify(value) ?? 'nothing', 60)
}

function invalid(path: string, why: string): WatchwordError {
  return new WatchwordError(`Cannot use the answers in ${path}: ${why}`, {
    code: 'answers-invalid',
    hint: 'Write one moment and yes or no per line, or pass what `--print-questions` printed, with answers',
  })
}
