/** What the parts of a tower are made from. */

import type { TowerConfig } from '../modelConfig.ts'
import type { Checkpoint } from '../openCheckpoint.ts'
import type { Rotary } from './addRotary.ts'

export interface TowerOptions {
  readonly checkpoint: Checkpoint
  readonly config: TowerConfig
  /** 'vision_model' or 'text_model' */
  readonly prefix: string
  /** Each token attends only to itself and to earlier tokens. */
  readonly causal: boolean
  /** Standard ONNX operators only, every token in every layer: for other runtimes, and as a reference. */
  readonly plain: boolean
  /** Turns queries and keys. */
  readonly rotary?: Rotary
  /** Plain causal graphs add this to the attention scores: [tokens, tokens], 0 or −∞. */
  readonly mask?: string
  /** The last layer computes the first token only, because the others are not used. Not for plain graphs. */
  readonly firstOnly?: boolean
}

export interface LayerNames {
  /** In the graph. */
  readonly name: string
  /** In the checkpoint. */
  readonly from: string
}
