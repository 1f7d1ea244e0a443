/** Resolves a model's name or folder to a directory with the wanted variant, and makes both on first use. */

import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { withLock } from '../util/lockDirectory.ts'
import { makeWorkFolder } from '../util/workFolder.ts'
import { exportDir, isModelDir, type LocatedModel, locateModel, type ModelPlaces } from './locateModel.ts'
import type { ModelBuilder } from './modelBuilder.ts'
import { type ModelCard, readModelCard } from './modelCard.ts'
import { readVariantCard, type VariantCard } from './variantCard.ts'
import { listVariants, requireVariant, writeChecksums } from './verifyModel.ts'

export interface ResolveOptions extends ModelPlaces {
  readonly variant: string
  readonly modelBuilder: ModelBuilder
  /** Called with a sentence before each step that takes long. */
  readonly onStep?: (step: string) => void
  /** Ends the waiting for another process that makes the model. */
  readonly signal?: AbortSignal
}

export interface ResolvedModel {
  readonly name: string
  readonly dir: string
  readonly card: ModelCard
  readonly variant: VariantCard
  /** All variants in the directory. */
  readonly variants: readonly string[]
}

/**
 * `demo`, a pulled model's name, a model directory (model.json), or a checkpoint (config.json or open_clip_config.json).
 * Checkpoints are exported into the data directory, under a name with a hash of their content. Missing variants of models
 * in the data directory are made.
 * The hash of the variant's file is verified.
 * @throws WatchwordError `model-unknown`, `model-not-pulled`, `variant-missing`, `model-file-missing`, `model-file-corrupt`,
 *   `unwritable`, and those of the exporter
 */
export async function resolveModel(nameOrDir: string, options: ResolveOptions): Promise<ResolvedModel> {
  const { variant, dataDir, modelBuilder } = options
  const place = await locateModel(nameOrDir, options)
  const dir = place.kind === 'model' ? place.dir : await exported(place, options)
  if (!existsSync(join(dir, `${variant}.json`))) {
    if (!isInside(dir, dataDir)) throw variantMissing(dir, variant, await listVariants(dir))
    const make = async () => {
      if (existsSync(join(dir, `${variant}.json`))) return
      options.onStep?.(`Making the ${variant} variant of ${place.name} (once)`)
      await modelBuilder.makeVariant(dir, variant)
    }
    await withModelLock(dir, make, { ...options, waitingFor: `makes a variant of ${place.name}` })
  }
  const card = await readVariantCard(dir, variant)
  requireVariant(dir, card)
  return { name: place.name, dir, card: await readModelCard(dir), variant: card, variants: await listVariants(dir) }
}

/** The model directory of a checkpoint; exported when it does not exist. Two processes may do this at the same time. */
async function exported(place: LocatedModel, options: ResolveOptions): Promise<string> {
  const { dataDir, modelBuilder, onStep } = options
  const { name } = place
  const dir = await exportDir(place, dataDir)
  if (isModelDir(dir)) return dir
  const make = async () => {
    if (isModelDir(dir)) return
    onStep?.(`Exporting ${name} to ONNX (once)`)
    // With the lock, what an earlier attempt left belongs to a process that was killed.
    const part = await makeWorkFolder(dirname(dir), `${basename(dir)}.part-`, { isAlone: true })
    try {
      await modelBuilder.exportModel(place.dir, part.path)
      await writeChecksums(part.path)
      await moveInPlace(part.path, dir)
    } finally {
      await part.remove()
    }
  }
  await withModelLock(dir, make, { ...options, waitingFor: `exports ${name}` })
  return dir
}

interface LockWait extends Pick<ResolveOptions, 'onStep' | 'signal'> {
  /** What the other process does. */
  readonly waitingFor: string
}

/** One process at a time makes this model directory or adds to it. */
async function withModelLock(dir: string, work: () => Promise<void>, wait: LockWait): Promise<void> {
  const { onStep, signal, waitingFor } = wait
  await withLock(dirname(dir), work, {
    name: basename(dir),
    onWait: () => onStep?.(`Waiting for another process, which ${waitingFor}`),
    ...(signal && { signal }),
  })
}

/** Where locks do not work another process may have finished first: its result is kept. */
export async function moveInPlace(part: string, dir: string): Promise<void> {
  try {
    await rename(part, dir)
  } catch (cause) {
    const code = systemCodeOf(cause)
    if ((code === 'ENOTEMPTY' || code === 'EEXIST') && isModelDir(dir)) return
    throw new WatchwordError(`Cannot write ${dir}: ${messageOf(cause)}`, { code: 'unwritable', cause })
  }
}

function variantMissing(dir: string, variant: string, there: readonly string[]): WatchwordError {
  return new WatchwordError(`Expected the variant ${variant} in ${dir}, found ${there.join(', ') || 'none'}`, {
    code: 'variant-missing',
    hint: `Make it with \`watchword optimize --variants ${variant}\`, or choose an existing one`,
  })
}

function isInside(dir: string, parent: string): boolean {
  return resolve(dir).startsWith(join(resolve(parent), '/'))
}
