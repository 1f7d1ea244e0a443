/** Runs the text tower in a worker that lives for one call: it is needed only at start and when prompts change. */

import { messageOf, WatchwordError } from '../util/errors.ts'
import { startNativeWorker } from '../util/startNativeWorker.ts'

export interface TextTask {
  /** Path of the text tower's ONNX file. */
  readonly modelPath: string
  /** [rows, context] int64. */
  readonly ids: BigInt64Array
  readonly rows: number
}

export type TextAnswer =
  /** [rows, dim] float32, each row L2-normalised. */
  { readonly type: 'encoded'; readonly embeddings: Float32Array } | { readonly type: 'failed'; readonly error: string }

/**
 * @param rows each [context] int64
 * @returns one L2-normalised [dim] float32 vector per row
 * @throws WatchwordError `model-unusable`
 */
export async function encodeTokens(modelPath: string, rows: readonly BigInt64Array[]): Promise<Float32Array[]> {
  const context = rows[0]?.length ?? 0
  const ids = new BigInt64Array(rows.length * context)
  rows.forEach((row, place) => {
    ids.set(row, place * context)
  })
  const answer = await ask({ modelPath, ids, rows: rows.length })
  if (answer.type === 'failed')
    throw new WatchwordError(`onnxruntime cannot run ${modelPath}: ${answer.error}`, {
      code: 'model-unusable',
      hint: 'Check the file with `watchword models verify`, or make it again with `watchword optimize`',
    })
  const dim = answer.embeddings.length / rows.length
  return rows.map((_, place) => answer.embeddings.slice(place * dim, (place + 1) * dim))
}

function ask(task: TextTask): Promise<TextAnswer> {
  const worker = startNativeWorker(new URL('./textWorker.ts', import.meta.url), import.meta.url, task)
  return new Promise(resolve => {
    worker.once('message', resolve)
    worker.once('error', error => resolve({ type: 'failed', error: messageOf(error) }))
    worker.once('exit', code => resolve({ type: 'failed', error: `its thread ended with code ${code}` }))
  })
}
