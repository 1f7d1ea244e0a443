/** The vision towers of timm that OpenCLIP's layout names instead of describing: those of SigLIP and of PE-Core. */

import type { VisionConfig } from '../modelConfig.ts'
import type { TensorSource } from './family.ts'
import { packedPart, renamed } from './renamed.ts'

/** All but the image size, which the configuration has. */
export type Trunk = Omit<VisionConfig, 'imageSize' | 'tableSide' | 'projection'>

type Size = Pick<Trunk, 'width' | 'layers' | 'heads' | 'patchSize'> & { readonly mlpWidth?: number }

export function siglip(size: Size, activation: Trunk['activation'] = 'gelu'): Trunk {
  const mlpWidth = size.mlpWidth ?? 4 * size.width
  return {
    ...size,
    ...{ mlpWidth, activation, epsilon: 1e-6, classToken: false, patchBias: true, normBefore: false, rotary: null },
    attentionPool: { heads: size.heads, mlpWidth },
  }
}

/** https://arxiv.org/abs/2504.13181 */
export function peCore(size: Size, fields: Partial<Trunk> = {}): Trunk {
  return {
    ...size,
    ...{ mlpWidth: size.mlpWidth ?? 4 * size.width, activation: 'gelu', epsilon: 1e-5, classToken: true },
    ...{ patchBias: false, normBefore: true, rotary: { offset: 1 } },
    attentionPool: { heads: 8, mlpWidth: 4 * size.width },
    ...fields,
  }
}

const BASE = { width: 768, layers: 12, heads: 12 }
const LARGE = { width: 1024, layers: 24, heads: 16 }
const SO400M = { width: 1152, layers: 27, heads: 16, mlpWidth: 4304 }
const GIANT = { width: 1536, layers: 40, heads: 16 }

/** By timm's name; without the image size where all sizes are alike. */
export const TIMM_TRUNKS: Readonly<Record<string, Trunk>> = {
  vit_base_patch16_siglip: siglip({ ...BASE, patchSize: 16 }),
  vit_base_patch32_siglip: siglip({ ...BASE, patchSize: 32 }, 'gelu_tanh'),
  vit_large_patch16_siglip: siglip({ ...LARGE, patchSize: 16 }),
  vit_large_patch16_siglip_512: siglip({ ...LARGE, patchSize: 16 }, 'gelu_tanh'),
  vit_so400m_patch14_siglip: siglip({ ...SO400M, patchSize: 14 }),
  vit_so400m_patch16_siglip: siglip({ ...SO400M, patchSize: 16 }, 'gelu_tanh'),
  vit_giantopt_patch16_siglip: siglip({ ...GIANT, patchSize: 16 }, 'gelu_tanh'),
  vit_pe_core_tiny_patch16: peCore({ width: 192, layers: 12, heads: 3, patchSize: 16 }),
  vit_pe_core_small_patch16: peCore({ width: 384, layers: 12, heads: 6, patchSize: 16 }),
  vit_pe_core_base_patch16: peCore({ ...BASE, patchSize: 16 }),
  vit_pe_core_large_patch14: peCore({ ...LARGE, patchSize: 14 }),
  vit_pe_core_gigantic_patch14: peCore(
    { width: 1536, layers: 50, heads: 16, patchSize: 14, mlpWidth: 8960 },
    { classToken: false, rotary: { offset: 0 } },
  ),
}

export function trunkOf(name: string, trunks: Readonly<Record<string, Trunk>>): Trunk | null {
  const known = [name, name.replace(/_\d+$/, '')].find(each => Object.hasOwn(trunks, each))
  return known === undefined ? null : (trunks[known] as Trunk)
}

const NAMES: readonly (readonly [from: string, to: string])[] = [
  ['vision_model.embeddings.class_embedding', 'cls_token'],
  ['vision_model.embeddings.patch_embedding.', 'patch_embed.proj.'],
  ['vision_model.embeddings.position_embedding.weight', 'pos_embed'],
  ['vision_model.pre_layrnorm.', 'norm_pre.'],
  ['vision_model.post_layernorm.', 'norm.'],
  ['vision_model.encoder.layers.', 'blocks.'],
  ['vision_model.head.probe', 'attn_pool.latent'],
  ['vision_model.head.attention.out_proj.', 'attn_pool.proj.'],
  ['vision_model.head.layernorm.', 'attn_pool.norm.'],
  ['vision_model.head.', 'attn_pool.'],
  ['visual_projection.', 'head.'],
]

const IN_LAYER: readonly (readonly [from: string, to: string])[] = [
  ['.layer_norm1.', '.norm1.'],
  ['.layer_norm2.', '.norm2.'],
  ['.self_attn.out_proj.', '.attn.proj.'],
]

/** timm's dimensions of one image in front of a table or a token. */
const LEADING_ONES: Readonly<Record<string, number>> = { cls_token: 2, pos_embed: 1 }

/** A tensor of the vision tower. */
export function trunkSource(name: string): TensorSource {
  const own = renamed(name, NAMES)
  const prefix = 'visual.trunk.'
  const packed = packedPart(own, '.self_attn.', (layer, kind) => `${prefix}${layer}.attn.qkv.${kind}`)
  if (packed !== null) return packed
  const pooling = /^attn_pool\.attention\.([qkv])_proj\.(weight|bias)$/.exec(own)
  if (pooling !== null) {
    const [, part, kind] = pooling
    if (part === 'q') return { name: `${prefix}attn_pool.q.${kind}` }
    return { name: `${prefix}attn_pool.kv.${kind}`, block: { index: part === 'k' ? 0 : 1, count: 2 } }
  }
  const inLayer = IN_LAYER.reduce((long, [from, to]) => long.replace(from, to), own)
  const leadingOnes = LEADING_ONES[own]
  return { name: prefix + inLayer, ...(leadingOnes !== undefined && { leadingOnes }) }
}
