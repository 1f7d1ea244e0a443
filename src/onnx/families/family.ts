/** What the exporter needs to know about a family of checkpoints: its files, its configuration and its names of tensors. */

import type { ModelConfig } from '../modelConfig.ts'

export interface Family {
  /** For messages: "transformers' CLIPModel". */
  readonly title: string
  readonly configFile: string
  /** Names of the weights file, best first; `.index.json` lists shards. */
  readonly weightFiles: readonly string[]
  /** Names that its patch weights may have, by which the weights of another family are recognised. */
  readonly patchWeights: readonly string[]
  /** True for a configuration of this family. */
  recognises(config: Readonly<Record<string, unknown>>): boolean
  /** @throws WatchwordError `checkpoint-config`, `checkpoint-unsupported` */
  parse(files: ConfigFiles): ParsedCheckpoint
}

/** Parsed contents of a folder's files; null for files that do not exist. */
export interface ConfigFiles {
  /** Path of the family's configuration file, for messages. */
  readonly path: string
  /** Name of the folder; used when the configuration contains no name. */
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly preprocessor: unknown
  readonly vocabulary: Vocabulary | null
}

export interface Vocabulary {
  /** Name of its file, for messages. */
  readonly file: string
  /** Largest id. */
  readonly maxId: number
  idOf(token: string): number | undefined
}

export interface ParsedCheckpoint {
  readonly config: ModelConfig
  readonly layout: TensorLayout
}

/** Where the tensors are that the exporter calls by the names of transformers' CLIPModel. */
export interface TensorLayout {
  sourceOf(name: string): TensorSource
  /** Prefixes of the vision tower's weights; all other weights belong to the text tower. */
  readonly vision: readonly string[]
}

export interface TensorSource {
  readonly name: string
  /** One of several equal blocks of rows. */
  readonly block?: { readonly index: number; readonly count: number }
  /** Stored as [in, out], where a linear layer's weight is [out, in]. */
  readonly isTransposed?: boolean
  /** Dimensions of 1 in front: stored as [1, tokens, width] instead of [tokens, width]. */
  readonly leadingOnes?: number
}
