/** The processor that measures, and what its instructions mean for the variants. */

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

export interface Cpu {
  readonly model: string
  /** Instruction sets that decide how fast a variant runs; empty where the system does not say. */
  readonly flags: readonly string[]
}

const TELLING =
  /^(avx|avx2|fma|f16c|avx512f|avx512bw|avx512_vnni|avx_vnni|avx512_bf16|avx512_fp16|amx_int8|amx_bf16|asimd|asimddp|asimdhp|fphp|i8mm|bf16|sve)$/

/** Reads /proc/cpuinfo; elsewhere the flags are unknown. */
export function readCpu(path = '/proc/cpuinfo'): Cpu {
  return { model: cpus()[0]?.model.trim() || 'unknown processor', flags: flagsOf(readIfThere(path)) }
}

/** @param cpuinfo what Linux writes to /proc/cpuinfo: `flags` on x86, `Features` on ARM */
export function flagsOf(cpuinfo: string): string[] {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? ''
  return line.split(/\s+/).filter(flag => TELLING.test(flag))
}

/** What a benchmark on this processor cannot show, one sentence each. */
export function limitsOf({ flags }: Cpu): string[] {
  const has = (...wanted: readonly string[]) => wanted.some(flag => flags.includes(flag))
  const limits = [
    'Zeros that are spread out (pruned) are multiplied like other numbers: they change no time on this runtime.',
  ]
  if (flags.length === 0) limits.unshift('This system does not tell the processor’s instruction sets.')
  else if (!has('avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm')) {
    limits.unshift(
      'No dot product of bytes (VNNI, DOTPROD) on this processor: where there is one, int8 gains more speed.',
    )
  }
  limits.push('fp16 is stored, not computed: onnxruntime multiplies float32 on a CPU.')
  return limits
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
