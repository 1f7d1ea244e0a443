/** Runs the tokenizer and the text tower in a worker that lives for one call: they are needed only for new phrases. */

import { join } from 'node:path'
import type { ErrorCode } from '../util/errorCodes.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { startNativeWorker } from '../util/startNativeWorker.ts'
import type { TokenizerOptions } from './tokenizers/loadTokenizer.ts'

export interface TextTask {
  /** Contains the tokenizer and text.onnx. */
  readonly modelDir: string
  readonly tokenizer: TokenizerOptions
  readonly texts: readonly string[]
}

export type TextAnswer =
  | {
      readonly type: 'encoded'
      /** [texts, dim] float32, each row L2-normalised. */
      readonly embeddings: Float32Array
      /** Tokens of each text before truncation. */
      readonly counts: readonly number[]
    }
  /** `code` null: onnxruntime failed. */
  | { readonly type: 'failed'; readonly error: string; readonly code: ErrorCode | null; readonly hint?: string | null }

export interface EncodedText {
  /** [dim] float32, L2-normalised. */
  readonly vector: Float32Array
  /** Before truncation, special tokens included. */
  readonly tokens: number
}

/** @throws WatchwordError `model-unusable`, `tokenizer-missing`, `tokenizer-invalid` */
export async function encodeTexts(task: TextTask): Promise<EncodedText[]> {
  const answer = await ask(task)
  if (answer.type === 'failed') throw failure(task, answer)
  const { embeddings, counts } = answer
  const dim = embeddings.length / counts.length
  return counts.map((tokens, place) => ({ vector: embeddings.slice(place * dim, (place + 1) * dim), tokens }))
}

type Failure = Extract<TextAnswer, { type: 'failed' }>

function failure({ modelDir }: TextTask, { error, code, hint }: Failure): WatchwordError {
  if (code !== null) return new WatchwordError(error, { code, ...(hint && { hint }) })
  return new WatchwordError(`onnxruntime cannot run ${join(modelDir, 'text.onnx')}: ${error}`, {
    code: 'model-unusable',
    hint: 'Check the file with `watchword models verify`, or make it again with `watchword optimize`',
  })
}

function ask(task: TextTask): Promise<TextAnswer> {
  const worker = startNativeWorker(new URL('./textWorker.ts', import.meta.url), import.meta.url, task)
  return new Promise(resolve => {
    const fail = (error: string) => resolve({ type: 'failed', error, code: null })
    worker.once('message', resolve)
    worker.once('error', error => fail(messageOf(error)))
    worker.once('exit', code => fail(`its thread ended with code ${code}`))
  })
}
