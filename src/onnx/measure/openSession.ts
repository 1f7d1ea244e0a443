/** ONNX Runtime sessions, opened with the options under which every variant is right. */

import { env, InferenceSession } from 'onnxruntime-node'
import { messageOf, WatchwordError } from '../../util/errors.ts'

// Whoever loads onnxruntime first decides for the whole process: an encoder may follow that tries for CUDA, and what it
// lacks would be printed in red. What fails is thrown all the same.
env.logLevel = 'fatal'

export interface OpenOptions {
  /** Threads for one run; 0 lets ONNX Runtime choose: one per core. Default 0. */
  readonly threads?: number
}

/**
 * What every session needs. Without VNNI, ONNX Runtime's product of unsigned by signed bytes saturates and int8 embeddings
 * are silently wrong; this option makes it use the exact, slower product there and changes nothing elsewhere
 * (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "S8S8 and U8U8").
 */
export const EXACT_INT8 = { session: { x64quantprecision: '1' } }

/**
 * `run()` blocks its thread: outside of tests and workers call this from a worker.
 * @throws WatchwordError `session-failed`
 */
export async function openSession(model: string | Uint8Array, options: OpenOptions = {}): Promise<InferenceSession> {
  const settings: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads ?? 0,
    // 3 = errors: warnings about folded constants would go to the user's terminal.
    logSeverityLevel: 3,
    extra: EXACT_INT8,
  }
  try {
    return typeof model === 'string'
      ? await InferenceSession.create(model, settings)
      : await InferenceSession.create(model, settings)
  } catch (cause) {
    const what = typeof model === 'string' ? model : 'the model'
    throw new WatchwordError(`ONNX Runtime cannot open ${what}: ${messageOf(cause)}`, { code: 'session-failed', cause })
  }
}
