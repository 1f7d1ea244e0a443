/** Opens onnxruntime sessions. `run()` blocks its thread: outside of tests, call this in a worker or a child process. */

import { availableParallelism } from 'node:os'
import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { messageOf } from '../../util/errors.ts'

export type Provider = 'auto' | 'cpu' | 'cuda' | 'tensorrt' | 'coreml' | 'dml'

export interface SessionSettings {
  /** Default: `cpu`. */
  readonly provider?: Provider
  /** Threads of one run. Default: 0, one per core. */
  readonly threads?: number
}

export interface OpenedSession {
  readonly session: InferenceSession
  /** The provider in use. */
  readonly provider: string
  /** Why the wanted provider is not in use; null when it is, or when none was named. */
  readonly unavailable: string | null
}

/** Path of an ONNX file, or its bytes. */
type Model = string | Uint8Array

// onnxruntime prints in red to stderr that a provider's library is missing. We report it once, in our own log.
env.logLevel = 'fatal'

/**
 * `auto` is CUDA where its library was installed with onnxruntime, else the CPU. CoreML and DirectML are used when named.
 * @throws the error of onnxruntime when it cannot load the model on the CPU, after the wanted provider failed
 */
export async function openSession(model: Model, settings: SessionSettings = {}): Promise<OpenedSession> {
  const { provider = 'cpu', threads = 0 } = settings
  const wanted = provider === 'auto' ? 'cuda' : provider
  if (wanted === 'cpu') return { session: await create(model, 'cpu', threads), provider: 'cpu', unavailable: null }
  try {
    // onnxruntime-common silently leaves out a backend that this platform's build lacks.
    const built = listSupportedBackends().map(({ name }) => name)
    if (!built.includes(wanted)) throw new Error(`this build of onnxruntime has ${built.join(', ')}`)
    return { session: await create(model, wanted, threads), provider: wanted, unavailable: null }
  } catch (error) {
    const session = await create(model, 'cpu', threads)
    return { session, provider: 'cpu', unavailable: provider === 'auto' ? null : messageOf(error) }
  }
}

/**
 * The thread count is given explicitly because onnxruntime pins its threads to cores when it counts them itself, and
 * threads sleep between runs because spinning would keep a core busy between two frames. Measured on 2 busy cores with
 * the bundled model, in turns (2026-11-30): int8 p50 20.8 ms with this, 30.8 ms with onnxruntime's defaults; fp32 19.9
 * and 24.7 ms; 12 and 18 % less CPU time.
 *
 * Without VNNI, onnxruntime's product of unsigned and signed bytes saturates and int8 embeddings are silently wrong.
 * `x64quantprecision` selects the exact, slower product on such processors and changes nothing on others
 * (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "S8S8 and U8U8").
 */
function create(model: Model, provider: string, threads: number): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads > 0 ? threads : availableParallelism(),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // 4 = fatal: warnings about folded constants would go to the user's terminal.
    logSeverityLevel: 4,
    extra: { session: { x64quantprecision: '1', intra_op: { allow_spinning: '0' } } },
  }
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}
