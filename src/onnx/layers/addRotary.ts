/** Rotary positions in two dimensions: each pair of a head's numbers is turned by the place of its patch. */

import { int, MICROSOFT } from '../graph.ts'
import type { GraphBuilder } from '../graphBuilder.ts'
import { floatTensor } from '../tensor.ts'

export interface Rotary {
  /** Numbers per head. */
  readonly headSize: number
  readonly heads: number
  /** Patches per side of the image. */
  readonly side: number
  /** Patches per side in training: other sizes are scaled to it. */
  readonly tableSide: number
  /** Where the first patch lies, in both directions. */
  readonly offset: number
  /** Tokens before the patches, which are not turned. */
  readonly others: number
}

/** As timm's RotaryEmbeddingCat: half of the pairs turn with x, half with y, each more slowly than the one before. */
const TEMPERATURE = 10_000

/** One operator of onnxruntime with a table of angles per token. [batch, tokens, width] → the same */
export function addFusedRotary(b: GraphBuilder, x: string, name: string, rotary: Rotary): string {
  const { cos, sin } = angles(rotary)
  const dims = [cos.length / (rotary.headSize / 2), rotary.headSize / 2]
  const tables = [b.constant('rotary.cos', floatTensor(dims, cos)), b.constant('rotary.sin', floatTensor(dims, sin))]
  const attributes = { interleaved: int(1) }
  return b.add('RotaryEmbedding', name, [x, b.shape(0), ...tables], { domain: MICROSOFT, attributes })
}

/** x · cos + (−x₁, x₀, −x₃, x₂, …) · sin, in standard operators. */
export function addPlainRotary(b: GraphBuilder, x: string, name: string, rotary: Rotary): string {
  const { headSize, heads } = rotary
  const { cos, sin } = angles(rotary)
  const tokens = cos.length / (headSize / 2)
  const width = headSize * heads
  const spread = (values: Float32Array) =>
    floatTensor(
      [1, tokens, width],
      Float32Array.from({ length: tokens * width }, (_, i) => {
        const pair = (i % headSize) >> 1
        return values[Math.floor(i / width) * (headSize / 2) + pair]!
      }),
    )
  const pairs = b.add('Reshape', `${name}.pairs`, [x, b.shape(0, 0, width / 2, 2)])
  const [first = '', second = ''] = b.addMany('Split', `${name}.halves`, [pairs], {
    endings: ['first', 'second'],
    attributes: { axis: int(-1) },
  })
  const back = b.add('Neg', `${name}.negative`, [second])
  const turned = b.add('Concat', `${name}.turned`, [back, first], { attributes: { axis: int(-1) } })
  const flat = b.add('Reshape', `${name}.flat`, [turned, b.shape(0, 0, width)])
  const kept = b.add('Mul', `${name}.cos`, [x, b.constant('rotary.cos', spread(cos))])
  return b.add('Add', name, [kept, b.add('Mul', `${name}.sin`, [flat, b.constant('rotary.sin', spread(sin))])])
}

/** [others + side², headSize / 2] each; the class token has angle 0. */
function angles({ headSize, side, tableSide, offset, others }: Rotary) {
  const half = headSize / 2
  const bands = half / 2
  const cos = new Float32Array((others + side * side) * half).fill(1)
  const sin = new Float32Array(cos.length)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let band = 0; band < half; band++) {
        const place = (((band < bands ? x : y) + offset) / side) * tableSide
        const angle = place * TEMPERATURE ** (-(band % bands) / bands)
        const at = (others + y * side + x) * half + band
        cos[at] = Math.cos(angle)
        sin[at] = Math.sin(angle)
      }
    }
  }
  return { cos, sin }
}
