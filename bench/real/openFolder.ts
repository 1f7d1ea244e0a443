/** Opens a folder of published CLIP vectors: cases.json, text/phrases.{json,npy}, pictures/*.npy, and perhaps series/. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../src/util/errors.ts'
import { normalize } from '../../src/util/vector.ts'
import { InputError } from '../../test/support/inputError.ts'
import { readNpy } from '../../test/support/readNpy.ts'

const rows = z.array(z.number().int().min(0))
const phraseList = z.array(z.string().min(1))

const caseSchema = z.object({
  name: z.string().min(1),
  /** Names of files in pictures/, and the rows of each. */
  pictures: z.string(),
  positive: rows.min(1),
  negative_pictures: z.string(),
  negative: rows.min(1),
  quiet_pictures: z.string(),
  quiet: rows,
  prompts: phraseList.min(1),
  background: phraseList.min(1),
})

const casesSchema = z.object({ logit_scale: z.number().positive().default(100), cases: z.array(caseSchema).min(1) })

/** One event on photos: which show it, which don't, and which are the camera's quiet images. */
export type PhotoCase = z.output<typeof caseSchema>

export interface RealFolder {
  readonly name: string
  readonly path: string
  readonly logitScale: number
  readonly cases: readonly PhotoCase[]
  /** All phrases whose vectors are known, in the file's order. */
  readonly phrases: readonly string[]
  /** [dim] float32, L2-normalised. @throws InputError for a phrase that is not in the folder */
  text(phrase: string, usedBy: string): Float32Array
  /** The chosen rows of a file in pictures/, L2-normalised. @throws InputError for a missing file or row */
  pictures(file: string, rows: readonly number[], usedBy: string): Float32Array[]
  /** Paths of series/*.npy, sorted; none without that folder. */
  readonly series: readonly string[]
  /** A series with a .json of the same name holds cosines with phrases, one without holds embeddings. */
  hasJson(series: string): boolean
}

/** @throws InputError with one line for what is missing or damaged */
export function openFolder(dir: string): RealFolder {
  const path = resolve(dir)
  const { logit_scale: logitScale, cases } = readJson(join(path, 'cases.json'), casesSchema)
  const phrases = readJson(join(path, 'text/phrases.json'), phraseList)
  const texts = readNpy(join(path, 'text/phrases.npy'))
  if (texts.length !== phrases.length)
    throw new InputError(
      `Expected as many rows in text/phrases.npy as phrases in text/phrases.json (${phrases.length}), got ${texts.length}`,
    )
  const rowOf = new Map(phrases.map((phrase, row) => [phrase, row]))
  const vectors = new Map<string, Float32Array[]>()
  const fileOf = (file: string) => {
    const known = vectors.get(file) ?? readNpy(join(path, 'pictures', `${file}.npy`))
    vectors.set(file, known)
    return known
  }
  return {
    name: basename(path),
    path,
    logitScale,
    cases,
    phrases,
    text(phrase, usedBy) {
      const row = rowOf.get(phrase)
      if (row === undefined) throw new InputError(`${usedBy}: phrase "${phrase}" is not in ${path}/text/phrases.json`)
      return unitVector(texts[row] as Float32Array, `${usedBy}: phrase "${phrase}"`)
    },
    pictures(file, chosen, usedBy) {
      const images = fileOf(file)
      return chosen.map(row => {
        const image = images[row]
        const what = `${usedBy}: row ${row} of ${path}/pictures/${file}.npy`
        if (image === undefined) throw new InputError(`${what} does not exist: the file has ${images.length} rows`)
        return unitVector(image, what, texts[0]?.length)
      })
    },
    series: seriesOf(join(path, 'series')),
    hasJson: series => existsSync(series.replace(/\.npy$/, '.json')),
  }
}

/** @throws InputError with one line that names file and key */
export function readJson<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new InputError(`Cannot read ${file}: ${messageOf(error)}`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path: keys = [], message = 'not valid' } = result.error.issues[0] ?? {}
  throw new InputError(`${file}, \`${keys.join('.')}\`: ${message}`)
}

function seriesOf(dir: string): string[] {
  if (!existsSync(dir)) return []
  const files = readdirSync(dir).filter(file => file.endsWith('.npy'))
  return files.sort().map(file => join(dir, file))
}

function unitVector(vector: Float32Array, what: string, length = vector.length): Float32Array {
  if (vector.length !== length)
    throw new InputError(`Expected ${what} to have ${length} numbers like the phrases, got ${vector.length}`)
  if (!vector.every(Number.isFinite) || vector.every(value => value === 0))
    throw new InputError(`Expected ${what} to be finite and not zero`)
  return normalize(vector)
}
