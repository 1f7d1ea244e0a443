/** The processor of this machine, and what a benchmark on it cannot show. */

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Int8Kernel } from '../session/sessionOptions.ts'

export interface Cpu {
  readonly model: string
  /** Instruction sets that decide how fast a variant runs; empty when unknown. */
  readonly flags: readonly string[]
  /** How int8 layers were multiplied when something was measured; null: nothing was. */
  readonly int8Kernel: Int8Kernel | null
}

const TELLING =
  /^(avx|avx2|fma|f16c|avx512f|avx512bw|avx512_vnni|avx_vnni|avx512_bf16|avx512_fp16|amx_int8|amx_bf16|asimd|asimddp|asimdhp|fphp|i8mm|bf16|sve)$/

/** Reads /proc/cpuinfo; elsewhere the flags are unknown. */
export function readCpu(int8Kernel: Int8Kernel | null, path = '/proc/cpuinfo'): Cpu {
  return { model: cpus()[0]?.model.trim() || 'unknown processor', flags: flagsOf(readIfThere(path)), int8Kernel }
}

/** @param cpuinfo content of /proc/cpuinfo: `flags` on x86, `Features` on ARM */
export function flagsOf(cpuinfo: string): string[] {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? ''
  return line.split(/\s+/).filter(flag => TELLING.test(flag))
}

/** What a benchmark on this processor cannot show, one sentence each. */
export function limitsOf({ flags, int8Kernel }: Cpu): string[] {
  const has = (...wanted: readonly string[]) => wanted.some(flag => flags.includes(flag))
  const limits = ['Unstructured pruning does not change the speed: this runtime multiplies zeros like other numbers.']
  if (flags.length === 0) limits.unshift('The instruction sets of this processor are unknown.')
  else if (!has('avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm')) {
    limits.unshift('This processor has no dot product of bytes (VNNI, DOTPROD): with one, int8 is faster.')
  }
  if (int8Kernel === 'u8u8') {
    limits.push(
      'Products of u8 and s8 saturate on this processor: int8 layers are multiplied as u8 and u8, at half the speed.',
    )
  }
  limits.push('fp16 is a storage format: onnxruntime computes in float32 on a CPU.')
  return limits
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
