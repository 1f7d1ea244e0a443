/** A hub on loopback with one model, open and gated, and a data directory to pull it into. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { openHub } from '../../src/models/openHub.ts'
import { type PulledModel, pullModel } from '../../src/models/pullModel.ts'
import type { CatalogEntry } from '../../src/models/readCatalog.ts'
import { FACTS } from './catalogEntry.ts'
import { COMMIT, type LocalHub, type Repository, sha256, startLocalHub } from './localHub.ts'
import { temporaryFolder } from './temporaryFolder.ts'

export const WEIGHTS = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255))
export const CONFIG = Buffer.from('{"model_type": "clip"}')
export const FILES = { 'config.json': CONFIG, 'model.safetensors': WEIGHTS }

/** Nothing but names is known, as for models that could not be downloaded when the registry was written. */
export const unpinned: CatalogEntry = {
  ...FACTS,
  description: 'a model',
  repository: 'someone/clip',
  revision: null,
  form: 'checkpoint',
  files: Object.keys(FILES).map(path => ({ path, as: path, bytes: null, sha256: null })),
}
export const pinned: CatalogEntry = {
  ...unpinned,
  revision: COMMIT,
  files: Object.entries(FILES).map(([path, file]) => ({ path, as: path, bytes: file.length, sha256: sha256(file) })),
}

export interface PullChange {
  readonly env?: Record<string, string>
  readonly dataDir?: string
  readonly acceptedLicense?: string
  /** Receives what the hub asked to wait. */
  readonly waits?: number[]
}

export interface PullSetup {
  readonly hub: LocalHub
  readonly dataDir: string
  readonly modelDir: string
  /** What has arrived of the weights. */
  readonly part: string
  /** Replaces the hub. */
  serve(repositories: Readonly<Record<string, Repository>>, prefix?: string): Promise<void>
  pull(entry: CatalogEntry, change?: PullChange): Promise<PulledModel>
  expectWhole(): void
  expectNothing(): void
}

/** Returns the setup of the current test; call it once at the head of a test file. */
export function setUpPulls(): () => PullSetup {
  let hub: LocalHub
  let dataDir: string
  beforeEach(async () => {
    hub = await startLocalHub({
      'someone/clip': { files: FILES, large: ['model.safetensors'] },
      'someone/gated': { files: FILES, large: ['model.safetensors'], token: 'hf_right' },
    })
    dataDir = temporaryFolder()
  })
  afterEach(() => hub.stop())
  return () => {
    const modelDir = join(dataDir, 'checkpoints', 'clip')
    return {
      get hub() {
        return hub
      },
      dataDir,
      modelDir,
      part: join(dataDir, 'checkpoints', 'clip.pulling', 'model.safetensors.part'),
      async serve(repositories, prefix) {
        await hub.stop()
        hub = await startLocalHub(repositories, prefix)
      },
      async pull(entry, { env = {}, waits = [], ...options } = {}) {
        const opened = openHub({ HF_ENDPOINT: hub.url, ...env })
        const onProgress = ({ bytes }: { bytes: number }) => hub.cdn.received(bytes - CONFIG.length)
        const retryDelayMs = (_: number, askedMs: number) => {
          waits.push(askedMs)
          return 0
        }
        const task = { name: 'clip', entry, dataDir, hub: opened, onProgress, retryDelayMs, ...options }
        return pullModel(task).finally(() => opened.close())
      },
      expectWhole() {
        expect(readFileSync(join(modelDir, 'model.safetensors')).equals(WEIGHTS)).toBe(true)
        expect(readFileSync(join(modelDir, 'config.json')).equals(CONFIG)).toBe(true)
      },
      expectNothing() {
        expect(existsSync(modelDir)).toBe(false)
      },
    }
  }
}
