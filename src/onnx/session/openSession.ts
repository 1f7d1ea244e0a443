/** Opens onnxruntime sessions. `run()` blocks its thread: outside of tests, call this in a worker or a child process. */

import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { messageOf } from '../../util/errors.ts'
import { int8Kernel } from './int8Kernel.ts'
import { type Int8Kernel, sessionOptions } from './sessionOptions.ts'

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
  /** How int8 layers are multiplied on the CPU. */
  readonly int8Kernel: Int8Kernel
}

/** Path of an ONNX file, or its bytes. */
type Model = string | Uint8Array

// onnxruntime prints in red to stderr that a provider's library is missing. We report it once, in our own log.
env.logLevel = 'fatal'

/**
 * int8 layers are multiplied by the fastest product that is correct on this processor: see `int8Kernel`.
 * `auto` is CUDA where its library was installed with onnxruntime, else the CPU. CoreML and DirectML are used when named.
 * @throws the error of onnxruntime when it cannot load the model on the CPU, after the wanted provider failed
 */
export async function openSession(model: Model, settings: SessionSettings = {}): Promise<OpenedSession> {
  const { provider = 'cpu', threads = 0 } = settings
  const wanted = provider === 'auto' ? 'cuda' : provider
  const kernel = await int8Kernel()
  const open = async (name: string, unavailable: string | null): Promise<OpenedSession> => {
    const session = await create(model, sessionOptions({ provider: name, threads, int8Kernel: kernel }))
    return { session, provider: name, unavailable, int8Kernel: kernel }
  }
  if (wanted === 'cpu') return open('cpu', null)
  try {
    // onnxruntime-common silently leaves out a backend that this platform's build lacks.
    const built = listSupportedBackends().map(({ name }) => name)
    if (!built.includes(wanted)) throw new Error(`this build of onnxruntime has ${built.join(', ')}`)
    return await open(wanted, null)
  } catch (error) {
    return open('cpu', provider === 'auto' ? null : messageOf(error))
  }
}

function create(model: Model, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}
