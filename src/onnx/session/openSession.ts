/** Opens onnxruntime sessions: the wanted execution provider when it is there, else the CPU. Runs in workers only. */

import { availableParallelism } from 'node:os'
import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import type { Provider } from '../../clip/encoderProtocol.ts'
import { messageOf } from '../../util/errors.ts'
import { EXACT_INT8 } from '../measure/openSession.ts'

export interface OpenedSession {
  readonly session: InferenceSession
  /** The provider in use. */
  readonly provider: string
  /** Why the wanted one is not; null when it is, or when none was asked for by name. */
  readonly unavailable: string | null
}

export interface SessionSettings {
  readonly provider: Provider
  /** 0: as many as cores. */
  readonly threads: number
}

// A library that is not there is told by us, once, in words; onnxruntime would print it in red to stderr.
env.logLevel = 'fatal'

/**
 * `auto` is CUDA where its library was installed with onnxruntime, else the CPU. CoreML and DirectML are used when named.
 * @throws what onnxruntime says when the file is no model: on the CPU, after the wanted provider failed.
 */
export async function openSession(modelPath: string, { provider, threads }: SessionSettings): Promise<OpenedSession> {
  const wanted = provider === 'auto' ? 'cuda' : provider
  if (wanted === 'cpu') return { session: await create(modelPath, 'cpu', threads), provider: 'cpu', unavailable: null }
  try {
    // onnxruntime-common leaves out a backend that this platform's build lacks, and goes on without an error.
    const built = listSupportedBackends().map(({ name }) => name)
    if (!built.includes(wanted)) throw new Error(`this build of onnxruntime has ${built.join(', ')}`)
    return { session: await create(modelPath, wanted, threads), provider: wanted, unavailable: null }
  } catch (error) {
    const session = await create(modelPath, 'cpu', threads)
    return { session, provider: 'cpu', unavailable: provider === 'auto' ? null : messageOf(error) }
  }
}

function create(modelPath: string, provider: string, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(modelPath, {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    graphOptimizationLevel: 'all',
    // Named, because onnxruntime pins its threads to cores when it counts them itself.
    intraOpNumThreads: threads > 0 ? threads : availableParallelism(),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    // Between batches the threads sleep: a camera asks a few times a second, and spinning would burn a core meanwhile.
    extra: { session: { ...EXACT_INT8.session, intra_op: { allow_spinning: '0' } } },
  })
}
