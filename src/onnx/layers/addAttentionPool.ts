/** Pools tokens by attention from a learned query, as SigLIP does: https://arxiv.org/abs/2106.04560, section 3.4. */

import { int } from '../graph.ts'
import type { GraphBuilder } from '../graphBuilder.ts'
import type { TowerConfig } from '../modelConfig.ts'
import { addFusedAttention, addTextbookAttention } from './addAttention.ts'
import { addLayerNorm } from './addLayerNorm.ts'
import { addLinear, addMlp } from './addLinear.ts'
import type { TowerOptions } from './towerOptions.ts'

type PoolShape = Pick<TowerConfig, 'heads' | 'mlpWidth'>

/** Normed tokens [batch, tokens, width] → [batch, 1, width] */
export function addAttentionPool(b: GraphBuilder, tokens: string, options: TowerOptions, pool: PoolShape): string {
  const { rotary, ...rest } = options
  const tower = { ...rest, causal: false, config: { ...options.config, ...pool } }
  const { checkpoint, config, plain } = tower
  const { width } = config
  const from = `${tower.prefix}.head`
  const name = 'pool'
  const probe = b.constant(`${name}.probe`, checkpoint.tensor(`${from}.probe`, [1, 1, width]))
  const batch = b.add('Shape', `${name}.batch`, [tokens], { attributes: { start: int(0), end: int(1) } })
  const shape = b.add('Concat', `${name}.shape`, [batch, b.shape(1, width)], { attributes: { axis: int(0) } })
  const query = { of: b.add('Expand', `${name}.query`, [probe, shape]), firstOnly: false }
  const attention = { ...tower, x: tokens, name: `${name}.attn`, from: `${from}.attention` }
  const attended = plain ? addTextbookAttention(b, query, attention) : addFusedAttention(b, query, attention)
  const out = addLinear(b, attended, {
    ...tower,
    name: `${name}.attn.out`,
    from: `${from}.attention.out_proj`,
    dims: [width, width],
  })
  const normed = addLayerNorm(b, out, { ...tower, name: `${name}.norm`, from: `${from}.layernorm` })
  const back = addMlp(b, normed, { ...tower, name: `${name}.mlp`, from: `${from}.mlp` })
  return b.add('Add', `${name}.residual`, [out, back])
}
