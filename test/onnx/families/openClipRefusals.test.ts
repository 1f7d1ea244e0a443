import { describe, expect, it } from 'vitest'
import { openClipFamily } from '../../../src/onnx/families/openClipFamily.ts'
import { parseWith } from './parseWith.ts'

const model = (fields: object = {}) => ({ embed_dim: 512, vision_cfg: {}, text_cfg: {}, ...fields })
const parse = (fields: object = {}, rest: object = {}) =>
  parseWith(openClipFamily, { model_cfg: model(fields), ...rest }).config

describe('refuses in one line', () => {
  const towers = 'Expected ViT towers of OpenCLIP, SigLIP or PE-Core in x/open_clip_config.json, got '
  const at = (key: string, expected: string, got: string) =>
    `Expected \`model_cfg.${key}\` to be ${expected} in x/open_clip_config.json, got ${got}`
  it.each([
    [
      'a tower of timm',
      { vision_cfg: { timm_model_name: 'vit_base_patch16_siglip_gap_224' } },
      'checkpoint-unsupported',
      `${towers}a vision tower of timm (vit_base_patch16_siglip_gap_224)`,
    ],
    [
      'a ResNet',
      { vision_cfg: { layers: [3, 4, 6, 3] } },
      'checkpoint-unsupported',
      `${towers}a ResNet (layers [3,4,6,3])`,
    ],
    [
      'a text tower of transformers',
      { text_cfg: { hf_model_name: 'xlm-roberta-base' } },
      'checkpoint-unsupported',
      `${towers}a text tower of transformers (xlm-roberta-base)`,
    ],
    [
      'a tower of timm that is pooled otherwise',
      { vision_cfg: { timm_model_name: 'vit_pe_core_base_patch16_224', timm_pool: 'avg' } },
      'checkpoint-unsupported',
      at('vision_cfg.timm_pool', '"map"', '"avg"'),
    ],
    [
      'a tower of timm of another width than its embeddings',
      { vision_cfg: { timm_model_name: 'vit_base_patch16_siglip_224', timm_pool: 'map', timm_proj: 'none' } },
      'checkpoint-config',
      at('embed_dim', 'the width of the vision tower (768)', '512'),
    ],
    ['CoCa', { multimodal_cfg: {} }, 'checkpoint-unsupported', `${towers}a captioning model (CoCa)`],
    [
      'layer scale',
      { vision_cfg: { ls_init_value: 0.1 } },
      'checkpoint-unsupported',
      at('vision_cfg.ls_init_value', 'absent, null or false', '0.1'),
    ],
    [
      'a key from the future',
      { text_cfg: { swish: true } },
      'checkpoint-unsupported',
      at('text_cfg.swish', 'absent, null or false', 'true'),
    ],
    [
      'pooling by the average',
      { vision_cfg: { pool_type: 'avg' } },
      'checkpoint-unsupported',
      at('vision_cfg.pool_type', '"tok"', '"avg"'),
    ],
    [
      'another tokenizer',
      { text_cfg: { hf_tokenizer_name: 'xlm-roberta-base' } },
      'checkpoint-unsupported',
      at('text_cfg.hf_tokenizer_name', "the name of CLIP's or SigLIP's tokenizer", '"xlm-roberta-base"'),
    ],
    [
      'no length of embeddings',
      { embed_dim: null },
      'checkpoint-config',
      at('embed_dim', 'a whole number above 0', 'null'),
    ],
    [
      'heads that do not divide',
      { vision_cfg: { width: 100 } },
      'checkpoint-config',
      at('vision_cfg.width', 'a multiple of head_width (64)', '100'),
    ],
    [
      'a switch that is text',
      { text_cfg: { no_causal_mask: 'yes' } },
      'checkpoint-config',
      at('text_cfg.no_causal_mask', 'true or false', '"yes"'),
    ],
  ])('%s', (_, fields, code, message) => {
    expect(() => parse(fields)).toThrow(expect.objectContaining({ code, message }))
  })

  const siglip = { hf_tokenizer_name: 'timm/ViT-B-16-SigLIP' }
  const clip = { hf_tokenizer_name: 'openai/clip-vit-base-patch32' }
  const UNSET = 'absent, null, false or empty'
  it.each([
    [{ tokenizer_mode: 'clips' }, 'tokenizer_mode', UNSET, '"clips"'],
    [{ tokenizer_kwargs: { reduction_mask: 'syntax' } }, 'tokenizer_kwargs.reduction_mask', UNSET, '"syntax"'],
    [{ ...clip, tokenizer_kwargs: { strip_sep_token: true } }, 'tokenizer_kwargs.strip_sep_token', UNSET, 'true'],
    [
      { tokenizer_kwargs: { clean: 'whitespace' } },
      'tokenizer_kwargs.clean',
      'absent, null or "lower"',
      '"whitespace"',
    ],
    [
      { ...clip, tokenizer_kwargs: { clean: 'canonicalize' } },
      'tokenizer_kwargs.clean',
      'absent, null, "lower" or "whitespace"',
      '"canonicalize"',
    ],
    [{ ...siglip, tokenizer_kwargs: { clean: 'lower' } }, 'tokenizer_kwargs.clean', '"canonicalize"', '"lower"'],
    [siglip, 'tokenizer_kwargs.clean', '"canonicalize"', 'nothing'],
  ])('other tokens: %j', (text_cfg, key, expected, got) => {
    const message = at(`text_cfg.${key}`, expected, got)
    expect(() => parse({ text_cfg })).toThrow(expect.objectContaining({ code: 'checkpoint-unsupported', message }))
  })

  it('a deviation of 0', () => {
    expect(() => parse({}, { preprocess_cfg: { std: [1, 1, 0] } })).toThrow(
      'Expected `preprocess_cfg.std` to be three numbers in x/open_clip_config.json, got [1,1,0]',
    )
  })
})
