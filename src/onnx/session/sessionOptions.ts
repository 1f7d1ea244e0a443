/** The options of every onnxruntime session. */

import { availableParallelism } from 'node:os'
import type { InferenceSession } from 'onnxruntime-node'

/**
 * How int8 layers are multiplied. `u8s8`: weights stay signed, which is the fastest product. `u8u8`: onnxruntime makes
 * the weights unsigned when it loads a model (`session.x64quantprecision`).
 *
 * x86 without VNNI adds pairs of products in 16 bits. There u8·s8 saturates and embeddings are silently wrong, so that
 * only u8·u8 is correct. With VNNI both are exact, and u8·u8 takes twice as long.
 */
export type Int8Kernel = 'u8s8' | 'u8u8'

export interface SessionFacts {
  /** Name of an execution provider of onnxruntime. */
  readonly provider: string
  /** Threads of one run; 0: one per core. */
  readonly threads: number
  readonly int8Kernel: Int8Kernel
}

/**
 * The thread count is given explicitly because onnxruntime pins its threads to cores when it counts them itself, and
 * threads sleep between runs because spinning would keep a core busy between two frames. Measured on 2 busy cores with
 * the bundled model, in turns (2026-11-30): int8 p50 20.8 ms with this, 30.8 ms with onnxruntime's defaults; fp32 19.9
 * and 24.7 ms; 12 and 18 % less CPU time.
 *
 * `x64quantprecision` makes onnxruntime replace signed weights by unsigned ones when it loads a model
 * (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "S8S8 and U8U8").
 */
export function sessionOptions({ provider, threads, int8Kernel }: SessionFacts): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads > 0 ? threads : availableParallelism(),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // 4 = fatal: warnings about folded constants would go to the user's terminal.
    logSeverityLevel: 4,
    extra: {
      session: { x64quantprecision: int8Kernel === 'u8u8' ? '1' : '0', intra_op: { allow_spinning: '0' } },
    },
  }
}
