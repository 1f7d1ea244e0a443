import { expect, test } from 'vitest'
import { flagsOf, limitsOf, readCpu } from '../../../src/onnx/measure/readCpu.ts'

const x86 =
  'processor\t: 0\nflags\t\t: fpu vme sse2 avx f16c avx2 fma avx512f avx512_vnni hypervisor\nbugs\t: spectre\n'
const arm = 'processor\t: 0\nFeatures\t: fp asimd evtstrm aes crc32 asimddp\n'

test('keeps the flags that decide how fast a variant is', () => {
  expect(flagsOf(x86)).toEqual(['avx', 'f16c', 'avx2', 'fma', 'avx512f', 'avx512_vnni'])
  expect(flagsOf(arm)).toEqual(['asimd', 'asimddp'])
  expect(flagsOf('')).toEqual([])
})

test('without the file the flags are unknown', () => {
  expect(readCpu(null, '/nowhere/cpuinfo').flags).toEqual([])
})

test('reports what a benchmark on this processor cannot show', () => {
  const limits = (...flags: string[]) => limitsOf({ model: 'any', flags, int8Kernel: 'u8s8' }).join(' ')
  expect(limits('avx2')).toContain('int8 is faster')
  expect(limits('avx2', 'avx512_vnni')).not.toContain('int8')
  expect(limits('asimd', 'asimddp')).not.toContain('int8')
  expect(limits()).toContain('are unknown')
  for (const flags of [[], ['avx2'], ['avx512_vnni']]) {
    expect(limits(...flags)).toContain('fp16 is a storage format')
    expect(limits(...flags)).toContain('does not change the speed')
  }
})

test('reports that the fast product saturates', () => {
  const limits = (int8Kernel: 'u8s8' | 'u8u8' | null) =>
    limitsOf({ model: 'any', flags: ['avx2'], int8Kernel }).join(' ')
  expect(limits('u8u8')).toContain('saturate')
  expect(limits('u8s8')).not.toContain('saturate')
  expect(limits(null)).not.toContain('saturate')
})
