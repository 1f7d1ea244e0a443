/** The pre-norm transformer layers that the towers of all families share. */

import type { GraphBuilder } from '../graphBuilder.ts'
import { addFirstToken, addFusedAttention, addTextbookAttention } from './addAttention.ts'
import { addLayerNorm } from './addLayerNorm.ts'
import { addLinear, addMlp } from './addLinear.ts'
import type { LayerNames, TowerOptions } from './towerOptions.ts'

/** All layers over tokens [batch, tokens, width]; → the same shape, or [batch, 1, width] with `firstOnly`. */
export function addLayers(b: GraphBuilder, tokens: string, options: TowerOptions): string {
  let x = tokens
  for (let i = 0; i < options.config.layers; i++) {
    const firstOnly = options.firstOnly === true && i === options.config.layers - 1
    x = addLayer(b, x, { ...options, firstOnly, name: `layers.${i}`, from: `${options.prefix}.encoder.layers.${i}` })
  }
  return x
}

type LayerOptions = TowerOptions & LayerNames & { readonly firstOnly: boolean }

/** Sums and norms stay apart: onnxruntime's SkipLayerNormalization does all in one pass and takes three times as long on a CPU. */
function addLayer(b: GraphBuilder, x: string, layer: LayerOptions): string {
  const { name, from, config, plain, firstOnly } = layer
  const normed = addLayerNorm(b, x, { ...layer, name: `${name}.norm1`, from: `${from}.layer_norm1` })
  const attention = { ...layer, name: `${name}.attn`, from: `${from}.self_attn` }
  const query = { of: normed, firstOnly }
  const attended = plain
    ? addTextbookAttention(b, query, { ...attention, x: normed })
    : addFusedAttention(b, query, { ...attention, x: normed })
  const out = addLinear(b, attended, {
    ...layer,
    name: `${name}.attn.out`,
    from: `${from}.self_attn.out_proj`,
    dims: [config.width, config.width],
  })
  const kept = firstOnly ? addFirstToken(b, x, `${name}.first`) : x
  const middle = b.add('Add', `${name}.attn.residual`, [kept, out])
  const normed2 = addLayerNorm(b, middle, { ...layer, name: `${name}.norm2`, from: `${from}.layer_norm2` })
  const back = addMlp(b, normed2, { ...layer, name: `${name}.mlp`, from: `${from}.mlp` })
  return b.add('Add', `${name}.mlp.residual`, [middle, back])
}
