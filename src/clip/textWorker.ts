/** The thread of `encodeTexts`: texts in, L2-normalised vectors out, then it exits. */

import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { Tensor } from 'onnxruntime-node'
import { normalizedRows } from '../onnx/session/normalizedRows.ts'
import { openSession } from '../onnx/session/openSession.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { native, nativeTask } from '../util/nativeCalls.ts'
import type { TextAnswer, TextTask } from './encodeTexts.ts'
import { loadTokenizer } from './tokenizers/loadTokenizer.ts'

/** Bounds the memory for activations: with 32 texts the largest tensor of ViT-B/32 has 20 MB. */
const BATCH = 32

const task = nativeTask<TextTask>()

try {
  // The tokenizer is not needed any more while the text tower is in memory.
  const { ids, counts } = await tokenize(task)
  const embeddings = await encode(task, ids)
  parentPort?.postMessage({ type: 'encoded', embeddings, counts } satisfies TextAnswer)
} catch (error) {
  parentPort?.postMessage(failureOf(error))
}

function failureOf(error: unknown): TextAnswer {
  const failure = { type: 'failed', error: messageOf(error), code: null } as const
  if (!(error instanceof WatchwordError)) return failure
  return { ...failure, code: error.code, hint: error.hint }
}

/** ids: [texts, context] int64 */
async function tokenize({ modelDir, tokenizer, texts }: TextTask): Promise<{ ids: BigInt64Array; counts: number[] }> {
  const { contextLength, encode } = await loadTokenizer(modelDir, tokenizer)
  const ids = new BigInt64Array(texts.length * contextLength)
  const counts = texts.map((text, place) => {
    const row = encode(text)
    ids.set(row.ids, place * contextLength)
    return row.count
  })
  return { ids, counts }
}

async function encode({ modelDir, texts }: TextTask, ids: BigInt64Array): Promise<Float32Array> {
  const { session } = await native(() => openSession(join(modelDir, 'text.onnx')))
  const rows = texts.length
  const context = ids.length / rows
  const parts: Float32Array[] = []
  for (let start = 0; start < rows; start += BATCH) {
    const count = Math.min(BATCH, rows - start)
    const dims = [count, context]
    const feeds = { input_ids: new Tensor('int64', ids.slice(start * context, (start + count) * context), dims) }
    // Graphs of other exporters want a mask. It changes nothing: in a causal tower no token sees the padding behind it,
    // and SigLIP's sees all of it.
    const mask = new Tensor('int64', new BigInt64Array(count * context).fill(1n), dims)
    const all = session.inputNames.includes('attention_mask') ? { ...feeds, attention_mask: mask } : feeds
    const output = (await native(() => session.run(all, ['text_embeds']))).text_embeds
    if (output?.type !== 'float32') throw new Error(`Expected text_embeds to be float32, got ${output?.type}`)
    parts.push(normalizedRows(output.data as Float32Array, count))
  }
  await native(() => session.release())
  const dim = (parts[0]?.length ?? 0) / Math.min(BATCH, rows)
  const embeddings = new Float32Array(rows * dim)
  parts.forEach((part, place) => {
    embeddings.set(part, place * BATCH * dim)
  })
  return embeddings
}
