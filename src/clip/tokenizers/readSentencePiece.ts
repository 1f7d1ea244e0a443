/** Reads a SentencePiece model file, in which SigLIP's tokenizer is published: spiece.model. */

import { join } from 'node:path'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { readWhole } from '../../util/readFile.ts'
import { type Unigram, withoutControls } from './unigram.ts'

/** Field numbers of https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto */
const MODEL = { pieces: 1, trainer: 2, normalizer: 3 } as const
const PIECE = { text: 1, score: 2, type: 3 } as const
const TRAINER = { modelType: 3 } as const
const NORMALIZER = { charsmap: 2 } as const
const TYPE = { normal: 1, unknown: 2, control: 3, unused: 5 } as const
const UNIGRAM = 1

interface StoredPiece {
  readonly text: string
  readonly score: number
  readonly type: number
}

/** @throws WatchwordError `tokenizer-invalid` */
export async function readSentencePiece(modelDir: string): Promise<Unigram> {
  const path = join(modelDir, 'spiece.model')
  const bytes = await readWhole(path)
  try {
    return parse(bytes)
  } catch (cause) {
    throw new WatchwordError(`Expected a SentencePiece unigram model in ${path}: ${messageOf(cause)}`, {
      code: 'tokenizer-invalid',
      cause,
    })
  }
}

function parse(bytes: Uint8Array): Unigram {
  const pieces: StoredPiece[] = []
  let modelType: number = UNIGRAM
  let charsmap: Uint8Array | null = null
  eachField(bytes, (field, reader) => {
    if (field === MODEL.pieces) pieces.push(readPiece(reader.bytes()))
    else if (field === MODEL.trainer)
      modelType = readField(reader.bytes(), TRAINER.modelType, r => r.int32()) ?? UNIGRAM
    else if (field === MODEL.normalizer)
      charsmap = readField(reader.bytes(), NORMALIZER.charsmap, r => r.bytes()) ?? null
    else return false
    return true
  })
  if (modelType !== UNIGRAM) throw new Error(`its model type is ${modelType}`)
  const other = pieces.find(({ type }) => !Object.values<number>(TYPE).includes(type))
  if (other !== undefined) throw new Error(`the piece ${other.text} has type ${other.type}`)
  const hidden = pieces.filter(({ type }) => type !== TYPE.normal)
  const unknown = pieces.findIndex(({ type }) => type === TYPE.unknown)
  if (unknown < 0) throw new Error(`none of its ${pieces.length} pieces stands for unknown characters`)
  const controls = new Set(hidden.map(({ text }) => text))
  return withoutControls({ pieces, controls, unknown, charsmap: isEmpty(charsmap) ? null : charsmap })
}

function isEmpty(bytes: Uint8Array | null): boolean {
  return bytes === null || bytes.length === 0
}

function readPiece(bytes: Uint8Array): StoredPiece {
  const piece = { text: '', score: 0, type: TYPE.normal as number }
  eachField(bytes, (field, reader) => {
    if (field === PIECE.text) piece.text = reader.string()
    else if (field === PIECE.score) piece.score = reader.float()
    else if (field === PIECE.type) piece.type = reader.int32()
    else return false
    return true
  })
  return piece
}

function readField<T>(bytes: Uint8Array, wanted: number, read: (reader: BinaryReader) => T): T | undefined {
  let found: T | undefined
  eachField(bytes, (field, reader) => {
    if (field !== wanted) return false
    found = read(reader)
    return true
  })
  return found
}

/** @param onField returns false for a field that it did not read */
function eachField(bytes: Uint8Array, onField: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (!onField(field, reader)) reader.skip(wireType)
  }
}
