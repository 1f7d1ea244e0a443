/** CLIP's vocabulary as a tokenizer.json, in the form that transformers writes. */

import { END_TOKEN, START_TOKEN, type TokenizerFiles } from '../../src/clip/tokenizers/createClipTokenizer.ts'

export function clipTokenizerJson({ vocab, merges }: TokenizerFiles) {
  const [start, end] = [START_TOKEN, END_TOKEN].map(token => vocab[token] as number) as [number, number]
  const special = (id: number, content: string) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  })
  const pattern = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
  return {
    version: '1.0',
    added_tokens: [special(start, START_TOKEN), special(end, END_TOKEN)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: { type: 'RobertaProcessing', sep: [END_TOKEN, end], cls: [START_TOKEN, start] },
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: END_TOKEN,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab,
      merges: merges.split('\n').slice(1).filter(Boolean),
    },
  }
}
