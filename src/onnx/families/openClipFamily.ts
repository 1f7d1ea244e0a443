/** OpenCLIP's own layout, with its own ViT (LAION, DataComp, DFN, MetaCLIP) or a vision tower of timm (SigLIP, PE-Core). */

import { type ForeignOptions, isRecord, parseForeign, unexpected } from '../../models/parseForeign.ts'
import { WatchwordError } from '../../util/errors.ts'
import { shorten } from '../../util/shorten.ts'
import { type Activation, isFixedLength, type VisionConfig } from '../modelConfig.ts'
import { placeOf } from './configParts.ts'
import type { ConfigFiles, Family, ParsedCheckpoint, TensorLayout, TensorSource } from './family.ts'
import { modelSchema, preprocessSchema, textSchema, timmSchema, visionSchema } from './openClipSchema.ts'
import { packedPart, renamed } from './renamed.ts'
import { TIMM_TRUNKS, type Trunk, trunkOf, trunkSource } from './timmTrunks.ts'
import { endOfText } from './vocabulary.ts'

export const openClipFamily: Family = createOpenClipFamily(TIMM_TRUNKS)

/** @param trunks the vision towers of timm that a configuration may name */
export function createOpenClipFamily(trunks: Readonly<Record<string, Trunk>>): Family {
  return {
    title: "OpenCLIP's layout",
    configFile: 'open_clip_config.json',
    weightFiles: ['open_clip_model.safetensors', 'model.safetensors'],
    patchWeights: ['visual.conv1.weight', 'visual.trunk.patch_embed.proj.weight'],
    recognises: config => isRecord(config.model_cfg) || isRecord(config.vision_cfg),
    parse: files => parse(files, trunks),
  }
}

type Fields = Readonly<Record<string, unknown>>

function parse({ path, name, config, vocabulary }: ConfigFiles, trunks: Readonly<Record<string, Trunk>>) {
  const place = placeOf(path)
  const isWrapped = isRecord(config.model_cfg)
  const at = (key: string) => (isWrapped ? `model_cfg.${key}` : key)
  const raw = (isWrapped ? config.model_cfg : config) as Fields
  refuseForeignTowers(path, raw, trunks)
  const model = parseForeign(modelSchema, raw, isWrapped ? { ...place, at: 'model_cfg' } : place)
  const vision = visionOf(raw, { ...place, at: at('vision_cfg') }, { ...model, trunks })
  const tower = parseForeign(textSchema, raw.text_cfg ?? {}, { ...place, at: at('text_cfg') })
  const { isTanh, tokenizer, ...text } = tower
  const preprocess = parseForeign(preprocessSchema, config.preprocess_cfg ?? {}, { ...place, at: 'preprocess_cfg' })
  const isClip = tokenizer === 'clip-bpe'
  const end = text.eosTokenId ?? (isClip ? endOfText(vocabulary, text.vocabSize) : 1)
  // A causal tower does not see it; the others' tokenizers know it.
  const pad = isFixedLength(text) && isClip ? text.padTokenId : null
  const parsed: ParsedCheckpoint = {
    config: {
      name,
      embedDim: model.embedDim,
      vision: vision.config,
      text: { ...text, activation: activationOf(model, isTanh), eosTokenId: end, padTokenId: pad },
      ...preprocess,
      tokenizer,
      logitBias: model.logitBias,
    },
    layout: layoutOf({ ...vision, textPrefix: model.isCustomText ? 'text.' : '', biasedText: text.projectionBias }),
  }
  return parsed
}

function activationOf({ isQuick }: { readonly isQuick: boolean }, isTanh: boolean): Activation {
  return isQuick ? 'quick_gelu' : isTanh ? 'gelu_tanh' : 'gelu'
}

interface VisionModel {
  readonly isQuick: boolean
  readonly embedDim: number
  readonly trunks: Readonly<Record<string, Trunk>>
}

interface ParsedVision {
  readonly config: VisionConfig
  /** Its tensors have timm's names. */
  readonly isTrunk: boolean
}

function visionOf(raw: Fields, place: ForeignOptions, model: VisionModel): ParsedVision {
  const fields = isRecord(raw.vision_cfg) ? raw.vision_cfg : {}
  if (!fields.timm_model_name) {
    const { isTanh, ...config } = parseForeign(visionSchema, raw.vision_cfg ?? {}, place)
    return { config: { ...config, activation: activationOf(model, isTanh) }, isTrunk: false }
  }
  const { name, imageSize, projection } = parseForeign(timmSchema, fields, place)
  const trunk = trunkOf(name, model.trunks) as Trunk
  if (projection === 'none' && model.embedDim !== trunk.width) {
    throw unexpected(`the width of the vision tower (${trunk.width})`, model.embedDim, {
      ...place,
      at: place.at?.replace(/vision_cfg$/, 'embed_dim') ?? '',
    })
  }
  return {
    config: { ...trunk, imageSize, projection, tableSide: Math.floor(imageSize / trunk.patchSize) },
    isTrunk: true,
  }
}

/** Towers of other libraries, and ResNets. */
function refuseForeignTowers(path: string, model: Fields, trunks: Readonly<Record<string, Trunk>>): void {
  const [vision, text] = [model.vision_cfg, model.text_cfg].map(each => (isRecord(each) ? each : {})) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ]
  const foreign = [
    vision.timm_model_name && trunkOf(String(vision.timm_model_name), trunks) === null
      ? `a vision tower of timm (${vision.timm_model_name})`
      : null,
    Array.isArray(vision.layers) ? `a ResNet (layers ${JSON.stringify(vision.layers)})` : null,
    text.hf_model_name ? `a text tower of transformers (${text.hf_model_name})` : null,
    isRecord(model.multimodal_cfg) ? 'a captioning model (CoCa)' : null,
  ].find(each => each !== null)
  if (foreign === undefined) return
  throw new WatchwordError(`Expected ViT towers of OpenCLIP, SigLIP or PE-Core in ${path}, got ${shorten(foreign)}`, {
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

interface LayoutOptions {
  readonly isTrunk: boolean
  readonly textPrefix: string
  /** Without a bias, the text projection is a matrix [width, dim] and no linear layer. */
  readonly biasedText: boolean
}

function layoutOf({ isTrunk, textPrefix, biasedText }: LayoutOptions): TensorLayout {
  const sourceOf = (name: string): TensorSource => {
    if (isTrunk && /^vis(ion_model|ual_projection)\./.test(name)) return trunkSource(name)
    const own = renamed(name, NAMES).replace('{text}', textPrefix)
    if (name === 'visual_projection.weight') return { name: own, isTransposed: true }
    if (name === 'text_projection.weight' && !biasedText)
      return { name: own.replace(/\.weight$/, ''), isTransposed: true }
    return (
      packedPart(own, '.self_attn.', (layer, kind) => `${layer}.attn.in_proj_${kind}`) ?? {
        name: IN_LAYER.reduce((long, [from, to]) => long.replace(from, to), own),
      }
    )
  }
  return { sourceOf, vision: ['visual.'] }
}
