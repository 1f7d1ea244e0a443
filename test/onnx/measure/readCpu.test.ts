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

test('a file that is not there leaves the flags unknown', () => {
  expect(readCpu('/nowhere/cpuinfo').flags).toEqual([])
})

test('says where int8 could gain more speed', () => {
  const limits = (...flags: string[]) => limitsOf({ model: 'any', flags }).join(' ')
  expect(limits('avx2')).toContain('int8 gains more speed')
  expect(limits('avx2', 'avx512_vnni')).not.toContain('int8')
  expect(limits('asimd', 'asimddp')).not.toContain('int8')
  expect(limits()).toContain('does not tell')
  for (const flags of [[], ['avx2'], ['avx512_vnni']]) {
    expect(limits(...flags)).toContain('fp16 is stored, not computed')
    expect(limits(...flags)).toContain('change no time')
  }
})
