/** Makes a CLIP checkpoint of any size with random weights: same shapes as the real one, nothing learned. */

import { copyFile, mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface TowerShape {
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
}

export interface CheckpointShape {
  readonly projection_dim: number
  readonly vision_config: TowerShape & { readonly image_size: number; readonly patch_size: number }
  readonly text_config: TowerShape & { readonly vocab_size: number; readonly max_position_embeddings: number }
}

const VIT_B: TowerShape = { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, num_attention_heads: 12 }

/** openai/clip-vit-base-patch32: 151,277,313 parameters, 605 MB. */
export const VIT_B_32: CheckpointShape = {
  projection_dim: 512,
  vision_config: { ...VIT_B, image_size: 224, patch_size: 32 },
  text_config: {
    hidden_size: 512,
    intermediate_size: 2048,
    num_hidden_layers: 12,
    num_attention_heads: 8,
    vocab_size: 49408,
    max_position_embeddings: 77,
  },
}

/** Writes config.json, model.safetensors (F32) and the bundled model's tokenizer files. The same seed gives the same bytes. */
export async function makeCheckpoint(dir: string, shape: CheckpointShape = VIT_B_32, seed = 1): Promise<void> {
  await mkdir(dir, { recursive: true })
  const act = { hidden_act: 'quick_gelu' }
  const config = {
    model_type: 'clip',
    projection_dim: shape.projection_dim,
    vision_config: { ...shape.vision_config, ...act },
    text_config: { ...shape.text_config, ...act, eos_token_id: shape.text_config.vocab_size - 1 },
  }
  await writeFile(join(dir, 'config.json'), JSON.stringify(config))
  for (const file of ['vocab.json', 'merges.txt']) {
    await copyFile(fileURLToPath(new URL(`../models/demo/${file}`, import.meta.url)), join(dir, file))
  }
  await writeWeights(join(dir, 'model.safetensors'), tensorsOf(shape), seed)
}

type Dims = readonly number[]

function tensorsOf(shape: CheckpointShape): (readonly [string, Dims])[] {
  const { projection_dim: dim, vision_config: vision, text_config: text } = shape
  const { hidden_size: width, patch_size: patch } = vision
  const positions = (vision.image_size / patch) ** 2 + 1
  return [
    ['logit_scale', []],
    ['vision_model.embeddings.class_embedding', [width]],
    ['vision_model.embeddings.patch_embedding.weight', [width, 3, patch, patch]],
    ['vision_model.embeddings.position_embedding.weight', [positions, width]],
    ...norm('vision_model.pre_layrnorm', width),
    ...layers('vision_model', vision),
    ...norm('vision_model.post_layernorm', width),
    ['visual_projection.weight', [dim, width]],
    ['text_model.embeddings.token_embedding.weight', [text.vocab_size, text.hidden_size]],
    ['text_model.embeddings.position_embedding.weight', [text.max_position_embeddings, text.hidden_size]],
    ...layers('text_model', text),
    ...norm('text_model.final_layer_norm', text.hidden_size),
    ['text_projection.weight', [dim, text.hidden_size]],
  ]
}

function layers(prefix: string, tower: TowerShape): (readonly [string, Dims])[] {
  const { hidden_size: width, intermediate_size: mlp } = tower
  return Array.from({ length: tower.num_hidden_layers }, (_, i) => `${prefix}.encoder.layers.${i}`).flatMap(layer => [
    ...norm(`${layer}.layer_norm1`, width),
    ...['q', 'k', 'v', 'out'].flatMap(part => linear(`${layer}.self_attn.${part}_proj`, width, width)),
    ...norm(`${layer}.layer_norm2`, width),
    ...linear(`${layer}.mlp.fc1`, mlp, width),
    ...linear(`${layer}.mlp.fc2`, width, mlp),
  ])
}

function linear(name: string, rows: number, columns: number): (readonly [string, Dims])[] {
  return [
    [`${name}.weight`, [rows, columns]],
    [`${name}.bias`, [rows]],
  ]
}

function norm(name: string, width: number): (readonly [string, Dims])[] {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ]
}

async function writeWeights(path: string, tensors: readonly (readonly [string, Dims])[], seed: number): Promise<void> {
  let end = 0
  const header = Object.fromEntries(
    tensors.map(([name, shape]) => {
      const begin = end
      end += 4 * count(shape)
      return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }]
    }),
  )
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const next = uniform(seed)
  const file = await open(path, 'w')
  try {
    await file.write(Buffer.concat([length, text]))
    for (const [name, shape] of tensors) {
      const values = numbersFor(name, shape, next)
      await file.write(new Uint8Array(values.buffer))
    }
  } finally {
    await file.close()
  }
}

/** Spread as trained weights are, so that numbers neither vanish nor explode on their way through the layers. */
function numbersFor(name: string, shape: Dims, next: () => number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count(shape))
  if (name === 'logit_scale') return values.fill(Math.log(100))
  if (name.includes('norm')) return values.fill(name.endsWith('weight') ? 1 : 0)
  const inputs = shape.length > 1 && !name.includes('embeddings.') ? count(shape.slice(1)) : 400
  const spread = Math.sqrt(3 / inputs)
  for (let i = 0; i < values.length; i++) values[i] = next() * spread
  return values
}

/** xorshift32 as uniform numbers in [−1, 1): 150 million of them in about a second. */
function uniform(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2147483648
  }
}

function count(shape: Dims): number {
  return shape.reduce((product, dim) => product * dim, 1)
}
