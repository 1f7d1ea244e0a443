/** Layer normalisation. */

import { float, int } from '../graph.ts'
import type { GraphBuilder } from '../graphBuilder.ts'
import type { LayerNames, TowerOptions } from './towerOptions.ts'

/** x / √(variance + ε) · weight + bias over the last axis, with the checkpoint's vectors called `from`. */
export function addLayerNorm(b: GraphBuilder, x: string, options: TowerOptions & LayerNames): string {
  const { checkpoint, config, name, from } = options
  const scale = b.constant(`${name}.weight`, checkpoint.tensor(`${from}.weight`, [config.width]))
  const shift = b.constant(`${name}.bias`, checkpoint.tensor(`${from}.bias`, [config.width]))
  const attributes = { axis: int(-1), epsilon: float(config.epsilon) }
  return b.add('LayerNormalization', name, [x, scale, shift], { attributes })
}
