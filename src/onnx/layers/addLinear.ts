/** Linear layers, and the two of an MLP with the activation between them. */

import { float, MICROSOFT } from '../graph.ts'
import type { GraphBuilder } from '../graphBuilder.ts'
import type { Activation } from '../modelConfig.ts'
import { transposed } from '../weights.ts'
import type { LayerNames, TowerOptions } from './towerOptions.ts'

export type LinearOptions = TowerOptions & LayerNames & { readonly dims: readonly [outputs: number, inputs: number] }

export function addLinear(b: GraphBuilder, x: string, options: LinearOptions): string {
  return b.add('Add', options.name, [addProduct(b, x, options), addBias(b, options)])
}

/** width → MLP width → width */
export function addMlp(b: GraphBuilder, x: string, options: TowerOptions & LayerNames): string {
  const { config, name, from, plain } = options
  const up = { ...options, name: `${name}.fc1`, from: `${from}.fc1`, dims: [config.mlpWidth, config.width] } as const
  const hidden = (plain ? PLAIN : FUSED)[config.activation](b, x, up)
  return addLinear(b, hidden, {
    ...options,
    name: `${name}.fc2`,
    from: `${from}.fc2`,
    dims: [config.width, config.mlpWidth],
  })
}

function addProduct(b: GraphBuilder, x: string, { checkpoint, name, from, dims }: LinearOptions): string {
  const weight = b.constant(`${name}.weight`, transposed(checkpoint.tensor(`${from}.weight`, dims)))
  return b.add('MatMul', `${name}.matmul`, [x, weight])
}

function addBias(b: GraphBuilder, { checkpoint, name, from, dims }: LinearOptions): string {
  return b.constant(`${name}.bias`, checkpoint.tensor(`${from}.bias`, [dims[0]]))
}

/** A linear layer with its activation, called `<name>.act`. */
type ActivatedLinear = Readonly<Record<Activation, (b: GraphBuilder, x: string, options: LinearOptions) => string>>

/** As few passes over memory as the operators allow. */
const FUSED: ActivatedLinear = {
  gelu: (b, x, options) =>
    b.add('BiasGelu', `${options.name}.act`, [addProduct(b, x, options), addBias(b, options)], { domain: MICROSOFT }),
  gelu_tanh: (b, x, options) =>
    b.add('FastGelu', `${options.name}.act`, [addProduct(b, x, options), addBias(b, options)], { domain: MICROSOFT }),
  quick_gelu: (b, x, options) =>
    b.add('QuickGelu', `${options.name}.act`, [addLinear(b, x, options)], {
      domain: MICROSOFT,
      attributes: { alpha: float(1.702) },
    }),
}

const PLAIN: ActivatedLinear = {
  /** x · ½ (1 + erf(x / √2)) */
  gelu: (b, x, options) => {
    const act = `${options.name}.act`
    const y = addLinear(b, x, options)
    const scaled = b.add('Mul', `${act}.scaled`, [y, b.scalar('gelu.root', Math.SQRT1_2)])
    const share = b.add('Add', `${act}.share`, [b.add('Erf', `${act}.erf`, [scaled]), b.scalar('one', 1)])
    return b.add('Mul', act, [b.add('Mul', `${act}.half`, [y, share]), b.scalar('half', 0.5)])
  },
  /** x · ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) */
  gelu_tanh: (b, x, options) => {
    const act = `${options.name}.act`
    const y = addLinear(b, x, options)
    const square = b.add('Mul', `${act}.square`, [y, y])
    const cubic = b.add('Mul', `${act}.cubic`, [square, b.scalar('gelu_tanh.cubic', 0.044715)])
    const slope = b.add('Add', `${act}.slope`, [cubic, b.scalar('one', 1)])
    const bent = b.add('Mul', `${act}.bent`, [y, slope])
    const scaled = b.add('Mul', `${act}.scaled`, [bent, b.scalar('gelu_tanh.root', Math.sqrt(2 / Math.PI))])
    const share = b.add('Add', `${act}.share`, [b.add('Tanh', `${act}.tanh`, [scaled]), b.scalar('one', 1)])
    return b.add('Mul', act, [b.add('Mul', `${act}.half`, [y, share]), b.scalar('half', 0.5)])
  },
  /** x · sigmoid(1.702 x) */
  quick_gelu: (b, x, options) => {
    const act = `${options.name}.act`
    const y = addLinear(b, x, options)
    const scaled = b.add('Mul', `${act}.scaled`, [y, b.scalar('quick_gelu.alpha', 1.702)])
    return b.add('Mul', act, [y, b.add('Sigmoid', `${act}.sigmoid`, [scaled])])
  },
}
