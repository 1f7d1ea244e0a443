/** OpenCLIP's own layout with its own ViT: LAION, DataComp, DFN, MetaCLIP. */

import { isRecord, parseForeign } from '../../models/parseForeign.ts'
import { WatchwordError } from '../../util/errors.ts'
import { shorten } from '../../util/shorten.ts'
import { isFixedLength } from '../modelConfig.ts'
import { placeOf } from './configParts.ts'
import type { ConfigFiles, Family, ParsedCheckpoint, TensorLayout, TensorSource } from './family.ts'
import { modelSchema, preprocessSchema, textSchema, visionSchema } from './openClipSchema.ts'
import { endOfText } from './vocabulary.ts'

export const openClipFamily: Family = {
  title: "OpenCLIP's layout",
  configFile: 'open_clip_config.json',
  weightFiles: ['open_clip_model.safetensors', 'model.safetensors'],
  patchWeight: 'visual.conv1.weight',
  recognises: config => isRecord(config.model_cfg) || isRecord(config.vision_cfg),
  parse,
}

function parse({ path, name, config, vocabulary }: ConfigFiles): ParsedCheckpoint {
  const place = placeOf(path)
  const isWrapped = isRecord(config.model_cfg)
  const at = (key: string) => (isWrapped ? `model_cfg.${key}` : key)
  const raw = (isWrapped ? config.model_cfg : config) as Readonly<Record<string, unknown>>
  refuseForeignTowers(path, raw)
  const model = parseForeign(modelSchema, raw, isWrapped ? { ...place, at: 'model_cfg' } : place)
  const vision = parseForeign(visionSchema, raw.vision_cfg ?? {}, { ...place, at: at('vision_cfg') })
  const tower = parseForeign(textSchema, raw.text_cfg ?? {}, { ...place, at: at('text_cfg') })
  const { isTanh, tokenizer, ...text } = tower
  const { isTanh: isVisionTanh, ...image } = vision
  const activation = (tanh: boolean) => (model.isQuick ? 'quick_gelu' : tanh ? 'gelu_tanh' : 'gelu')
  const preprocess = parseForeign(preprocessSchema, config.preprocess_cfg ?? {}, { ...place, at: 'preprocess_cfg' })
  const end = text.eosTokenId ?? (tokenizer === 'gemma' ? 1 : endOfText(vocabulary, text.vocabSize))
  // A causal tower does not see it; the others' tokenizers know it.
  const pad = isFixedLength(text) && tokenizer === 'clip-bpe' ? text.padTokenId : null
  return {
    config: {
      name,
      embedDim: model.embedDim,
      vision: { ...image, activation: activation(isVisionTanh) },
      text: { ...text, activation: activation(isTanh), eosTokenId: end, padTokenId: pad },
      ...preprocess,
      tokenizer,
      logitBias: model.logitBias,
    },
    layout: layoutOf(model.isCustomText ? 'text.' : '', text.projectionBias),
  }
}

/** Towers of other libraries, and ResNets. */
function refuseForeignTowers(path: string, model: Readonly<Record<string, unknown>>): void {
  const [vision, text] = [model.vision_cfg, model.text_cfg].map(each => (isRecord(each) ? each : {})) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ]
  const foreign = [
    vision.timm_model_name ? `a vision tower of timm (${vision.timm_model_name})` : null,
    Array.isArray(vision.layers) ? `a ResNet (layers ${JSON.stringify(vision.layers)})` : null,
    text.hf_model_name ? `a text tower of transformers (${text.hf_model_name})` : null,
    isRecord(model.multimodal_cfg) ? 'a captioning model (CoCa)' : null,
  ].find(each => each !== null)
  if (foreign === undefined) return
  throw new WatchwordError(`Expected OpenCLIP's own ViT towers in ${path}, got ${shorten(foreign)}`, {
    code: 'checkpoint-unsupported',
    hint: "Take the model in transformers' form (config.json with model_type clip or siglip), or another model",
  })
}

/** Prefixes of the names in transformers' CLIPModel → OpenCLIP's. `text` stands for the text tower's own prefix. */
const NAMES: readonly (readonly [from: string, to: string])[] = [
  ['vision_model.embeddings.class_embedding', 'visual.class_embedding'],
  ['vision_model.embeddings.patch_embedding.', 'visual.conv1.'],
  ['vision_model.embeddings.position_embedding.weight', 'visual.positional_embedding'],
  ['vision_model.pre_layrnorm.', 'visual.ln_pre.'],
  ['vision_model.post_layernorm.', 'visual.ln_post.'],
  ['vision_model.encoder.layers.', 'visual.transformer.resblocks.'],
  ['visual_projection.weight', 'visual.proj'],
  ['text_model.embeddings.token_embedding.weight', '{text}token_embedding.weight'],
  ['text_model.embeddings.position_embedding.weight', '{text}positional_embedding'],
  ['text_model.final_layer_norm.', '{text}ln_final.'],
  ['text_model.encoder.layers.', '{text}transformer.resblocks.'],
  ['text_projection.', '{text}text_projection.'],
]

const IN_LAYER: readonly (readonly [from: string, to: string])[] = [
  ['.layer_norm1.', '.ln_1.'],
  ['.layer_norm2.', '.ln_2.'],
  ['.self_attn.out_proj.', '.attn.out_proj.'],
  ['.mlp.fc1.', '.mlp.c_fc.'],
  ['.mlp.fc2.', '.mlp.c_proj.'],
]

const PARTS = ['q', 'k', 'v']

/** Without a bias, the text projection is a matrix [width, dim] and no linear layer. */
function layoutOf(textPrefix: string, hasProjectionBias: boolean): TensorLayout {
  const sourceOf = (name: string): TensorSource => {
    const [from, to] = NAMES.find(([prefix]) => name.startsWith(prefix)) ?? ['', '']
    const renamed = to.replace('{text}', textPrefix) + name.slice(from.length)
    if (name === 'visual_projection.weight') return { name: renamed, isTransposed: true }
    if (name === 'text_projection.weight' && !hasProjectionBias)
      return { name: renamed.replace(/\.weight$/, ''), isTransposed: true }
    const packed = /^(.+)\.self_attn\.([qkv])_proj\.(weight|bias)$/.exec(renamed)
    if (packed !== null) {
      const [, layer, part = '', kind] = packed
      return { name: `${layer}.attn.in_proj_${kind}`, block: { index: PARTS.indexOf(part), count: 3 } }
    }
    return { name: IN_LAYER.reduce((long, [old, short]) => long.replace(old, short), renamed) }
  }
  return { sourceOf, vision: ['visual.'] }
}
