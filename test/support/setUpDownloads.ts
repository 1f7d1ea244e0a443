/** Files of a faulty server, downloaded into a temporary folder. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type DownloadRequest, download } from '../../src/models/download.ts'
import { type Hub, openHub } from '../../src/models/openHub.ts'
import { type FaultyServer, startFaultyServer } from './faultyServer.ts'
import { temporaryFolder } from './temporaryFolder.ts'

export const FILE = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) & 255))
export const SHA256 = createHash('sha256').update(FILE).digest('hex')

export interface DownloadSetup {
  readonly server: FaultyServer
  readonly dir: string
  /** Where the file is downloaded to. */
  readonly path: string
  readonly part: string
  /** Downloads the server's file with some options changed. */
  fetchFile(change?: Partial<DownloadRequest>): Promise<void>
  expectWhole(): void
}

/** Returns the setup of the current test; call it once at the head of a test file. */
export function setUpDownloads(): () => DownloadSetup {
  let setup: DownloadSetup
  let hub: Hub
  beforeEach(async () => {
    const server = await startFaultyServer({ '/model.onnx': FILE, '/elsewhere': FILE })
    hub = openHub({ HF_ENDPOINT: server.url, HF_TOKEN: 'hf_secret' })
    setup = createSetup(server, hub)
  })
  afterEach(async () => {
    await hub.close()
    await setup.server.stop()
  })
  return () => setup
}

function createSetup(server: FaultyServer, hub: Hub): DownloadSetup {
  const dir = temporaryFolder()
  const path = join(dir, 'model.onnx')
  const part = `${path}.part`
  return {
    server,
    dir,
    path,
    part,
    fetchFile: change => {
      const url = `${server.url}/model.onnx`
      const onProgress = (bytes: number) => server.received(bytes)
      const digest = { kind: 'sha256', hex: SHA256 } as const
      const request = { hub, url, path, bytes: FILE.length, digest, onProgress, retryDelayMs: () => 0 }
      return download({ ...request, ...change })
    },
    expectWhole: () => {
      expect(readFileSync(path).equals(FILE)).toBe(true)
      expect(existsSync(part)).toBe(false)
    },
  }
}
