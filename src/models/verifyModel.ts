/** Verifies the files of a model directory against their recorded hashes. */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../util/atomicWrite.ts'
import { WatchwordError } from '../util/errors.ts'
import { hashFiles, isThere, readJson } from '../util/readFile.ts'
import type { PinnedFile } from './pins.ts'
import { sha256 } from './schemas.ts'
import { CLIP_TOKENIZER_FILES, presentTokenizerFiles, TOKENIZER_FILES } from './tokenizerFiles.ts'
import { readVariantCard, type VariantCard } from './variantCard.ts'

/** Hashes of the files that all variants share; variants have theirs on their cards. Written last. */
const CHECKSUMS = 'checksums.json'

export interface FileSum {
  readonly sha256: string
}

export interface FileCheck {
  readonly file: string
  readonly state: 'ok' | 'missing' | 'corrupt' | 'unknown'
  /** null when no hash is recorded (`unknown`). */
  readonly expected: string | null
  /** null when the file is missing. */
  readonly found: string | null
}

/** Names of the variants in a model directory, fp32 first, then by name. */
export async function listVariants(modelDir: string): Promise<string[]> {
  const files = await readdir(modelDir)
  return files
    .flatMap(file => file.match(/^vision\.(.+)\.onnx$/)?.[1] ?? [])
    .filter(variant => files.includes(`${variant}.json`))
    .sort((a, b) => Number(b === 'fp32') - Number(a === 'fp32') || a.localeCompare(b))
}

/** Hashes every file of a model directory. */
export async function verifyModel(modelDir: string): Promise<FileCheck[]> {
  const sums = await readChecksums(modelDir)
  const shared = sharedFiles(modelDir, sums).map(file => checkFile(modelDir, file, sums[file] ?? null))
  const cards = await Promise.all((await listVariants(modelDir)).map(variant => readVariantCard(modelDir, variant)))
  return [...shared, ...cards.map(card => checkFile(modelDir, card.file, card))]
}

/** Hashes the files of a pulled checkpoint. */
export function verifyCheckpoint(dir: string, files: readonly Pick<PinnedFile, 'as' | 'digest'>[]): FileCheck[] {
  return files.map(({ as, digest }) => checkFile(dir, as, digest.kind === 'sha256' ? { sha256: digest.hex } : null))
}

/** @throws WatchwordError `model-file-missing`, `model-file-corrupt` with the hash that was expected */
export function requireVariant(modelDir: string, card: VariantCard): void {
  requireFile(modelDir, checkFile(modelDir, card.file, card))
  for (const file of sharedFiles(modelDir))
    if (!isThere(join(modelDir, file))) requireFile(modelDir, { file, state: 'missing', expected: null, found: null })
}

/** @throws WatchwordError `model-file-missing`, `model-file-corrupt` */
function requireFile(modelDir: string, { file, state, expected, found }: FileCheck): void {
  const path = join(modelDir, file)
  const hint = 'Remove the model and pull or make it again: `watchword models rm`, then `pull` or `optimize`'
  if (state === 'missing') {
    const sum = expected === null ? '' : ` with sha256 ${expected}`
    throw new WatchwordError(`Expected the file ${path}${sum}, found none`, { code: 'model-file-missing', hint })
  }
  if (state === 'corrupt')
    throw new WatchwordError(`Expected ${path} to have sha256 ${expected}, got ${found}`, {
      code: 'model-file-corrupt',
      hint,
      facts: { path, expected, found },
    })
}

/** Records the hashes of the shared files. */
export async function writeChecksums(modelDir: string): Promise<void> {
  const sums = sharedFiles(modelDir).map(file => [file, hashFiles(onnxParts(join(modelDir, file)))] as const)
  await atomicWrite(join(modelDir, CHECKSUMS), `${JSON.stringify(Object.fromEntries(sums), null, 2)}\n`)
}

/** Text tower and tokenizer. A tokenizer that is not complete has the files that are recorded, or those of CLIP. */
function sharedFiles(modelDir: string, sums: Readonly<Record<string, unknown>> = {}): string[] {
  const recorded = TOKENIZER_FILES.filter(file => Object.hasOwn(sums, file))
  const fallback = recorded.length > 0 ? recorded : CLIP_TOKENIZER_FILES
  return ['text.onnx', ...(presentTokenizerFiles(modelDir) ?? fallback)]
}

function checkFile(modelDir: string, file: string, expected: FileSum | null): FileCheck {
  const path = join(modelDir, file)
  const wanted = expected?.sha256 ?? null
  if (!isThere(path)) return { file, state: 'missing', expected: wanted, found: null }
  const parts = onnxParts(path)
  const found = hashFiles(parts).sha256
  if (expected === null) return { file, state: 'unknown', expected: null, found }
  return { file, state: found === wanted ? 'ok' : 'corrupt', expected: wanted, found }
}

/** The graph and, for large models, its external data. */
function onnxParts(path: string): string[] {
  return [path, `${path}.data`].filter(part => part === path || isThere(part))
}

/** An unreadable list counts as none: the files are then `unknown`. */
async function readChecksums(modelDir: string): Promise<Partial<Record<string, FileSum>>> {
  const json = await readJson(join(modelDir, CHECKSUMS)).catch(() => ({}))
  return z.record(z.string(), z.object({ sha256 })).catch({}).parse(json)
}
