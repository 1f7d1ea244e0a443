/** A small ONNX model whose products saturate where a processor can saturate. */

/** [5, 7]: constant columns of either sign, pairs of either sign, and mixtures. They repeat to [PROBE_DEPTH, 49]. */
export const PROBE_WEIGHTS = [
  [127, -127, 127, 127, 1, -127, 93],
  [127, -127, 127, -127, 127, -127, -58],
  [127, -127, -127, 127, 127, 3, 127],
  [127, -127, -127, -127, -2, -127, 11],
  [127, -127, 127, 127, -127, -127, -104],
] as const

/** Odd numbers of rows and columns, more than in a block of the kernels: full blocks and remainders are multiplied. */
export const PROBE_DEPTH = 515
/** How often the columns repeat. */
export const PROBE_TILES = 7

/**
 * ONNX in base64: rows uint8 [count, 515] → plain = rows · W by MatMulInteger, centred = (rows − 128) · W by
 * MatMulIntegerToFloat. A constant because the code that writes ONNX costs each worker thread 12 MB;
 * `test/onnx/session/int8Kernel.test.ts` makes it again with our graph builder and compares.
 */
export const PROBE_MODEL =
  'CAgSCXdhdGNod29yZDqUAwouCgVzbWFsbAoLc2hhcGUuMTAzeDcSB3dlaWdodHMaB3dlaWdodHMiBFRpbGU6AApYCgRyb3dzCgd3ZWlnaHRzCgNv' +
  'bmUKA29uZQoGY2VudHJlEgdjZW50cmVkGgdjZW50cmVkIhRNYXRNdWxJbnRlZ2VyVG9GbG9hdDoNY29tLm1pY3Jvc29mdAouCgRyb3dzCgd3ZWln' +
  'aHRzEgVwbGFpbhoFcGxhaW4iDU1hdE11bEludGVnZXI6ABIFcHJvYmUqMggFCAcQA0IFc21hbGxKI3+Bf38BgV1/gX+Bf4HGf4GBf38Df3+BgYH+' +
  'gQt/gX9/gYGYKiMIAhAHQgtzaGFwZS4xMDN4N0oQZwAAAAAAAAAHAAAAAAAAACoNEAJCBmNlbnRyZUoBgCoNEAFCA29uZUoEAACAP1ocCgRyb3dz' +
  'EhQKEggCEg4KBxIFY291bnQKAwiDBGIcCgVwbGFpbhITChEIBhINCgcSBWNvdW50CgIIMWIeCgdjZW50cmVkEhMKEQgBEg0KBxIFY291bnQKAggx' +
  'QgQKABARQhEKDWNvbS5taWNyb3NvZnQQAQ=='
