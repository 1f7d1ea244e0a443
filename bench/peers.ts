/** Watchword's flow beside what others would write: the same checkpoint, clip and frames. `--video`, `--packages`, `--python`. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { exportModel } from '../src/onnx/exportModel.ts'
import { openVariantBuilder } from '../src/onnx/measure/variantBuilder.ts'
import { parseVariant } from '../src/onnx/variants/parseVariant.ts'
import { createRandom } from '../src/util/random.ts'
import { dot, normalize, quantile } from '../src/util/vector.ts'
import { InputError } from '../test/support/inputError.ts'
import { makeCheckpoint } from './makeCheckpoint.ts'
import { type PeerRun, readReport } from './peers/report.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

export interface PeersOptions {
  /** A clip, best 768x576 as the peers read it. */
  readonly video: string | undefined
  /** Folder whose node_modules has @huggingface/transformers. */
  readonly packages: string | undefined
  /** A Python that has torch, transformers and Pillow. */
  readonly python: string | undefined
  /** Without a clip: an error if this measurement was asked for by its name, else it is skipped. */
  readonly isWanted: boolean
}

const [FPS, FRAMES, ROUNDS] = ['4', '60', 3]
const VARIANTS = ['fp32', 'int8', 'slim-50+int8']
const REFERENCE = 'Watchword fp32, gate off'
const run = promisify(execFile)

interface Peer {
  readonly name: string
  readonly run: () => Promise<PeerRun>
}

/** @returns null when there is no clip to measure on. @throws InputError when it was asked for without one */
export async function benchPeers(rig: Rig, options: PeersOptions): Promise<Measurement | null> {
  const { video, isWanted } = options
  if (video === undefined || !existsSync(video)) {
    const missing = 'pass --video FILE, and --packages DIR and --python FILE for the peers'
    if (isWanted) throw new InputError(missing)
    console.log(`peers: skipped; ${missing}`)
    return null
  }
  const { peers, notes } = await preparePeers(rig, { ...options, video })
  const runs = new Map<string, PeerRun[]>(peers.map(({ name }) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) for (const peer of peers) runs.get(peer.name)?.push(await peer.run())
  return {
    name: 'peers',
    title: 'Beside others: the same checkpoint and clip',
    method: `${FRAMES} frames of a clip at ${FPS} frames a second through a checkpoint of ViT-B/32's size with random weights: decoding, scaling, encoding; for Watchword also scores and rules of 16 events. Each in a process of its own, its model loaded before; CPU of all threads and of ffmpeg; ${ROUNDS} interleaved rounds. The peers read 768x576 pixels and scale them as their own processors do. Decisions: the nearest of 16 random texts, against ${REFERENCE}.`,
    columns: [
      'what',
      'CPU ms a frame: median (spread)',
      'of Watchword fp32',
      'frames/s',
      'peak MB',
      'cosine, least',
      'same decisions',
    ],
    rows: peers.map(({ name }) => rowOf(name, runs)),
    notes,
  }
}

function rowOf(name: string, all: ReadonlyMap<string, readonly PeerRun[]>): readonly string[] {
  const runs = all.get(name) ?? []
  const perFrame = runs.map(({ cpuSeconds }) => (cpuSeconds / Number(FRAMES)) * 1000)
  const base = (all.get(REFERENCE) ?? []).map(({ cpuSeconds }) => (cpuSeconds / Number(FRAMES)) * 1000)
  const [lowest, highest] = [Math.min(...perFrame), Math.max(...perFrame)]
  const ratio = quantile(
    perFrame.map((ms, i) => ms / (base[i] ?? Number.NaN)),
    0.5,
  )
  return [
    name,
    `${quantile(perFrame, 0.5).toFixed(1)} (${lowest.toFixed(1)} – ${highest.toFixed(1)})`,
    `${ratio.toFixed(2)}x`,
    quantile(
      runs.map(({ seconds }) => Number(FRAMES) / seconds),
      0.5,
    ).toFixed(1),
    (Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0),
    ...agreement(all.get(REFERENCE)?.[0], runs[0]),
  ]
}

/** Least cosine, and the fraction of frames with the same nearest text; empty where a peer keeps no embeddings. */
function agreement(reference: PeerRun | undefined, peer: PeerRun | undefined): [string, string] {
  const count = Math.min(reference?.embeddings.length ?? 0, peer?.embeddings.length ?? 0)
  if (reference === undefined || peer === undefined || count === 0) return ['', '']
  const pairs = Array.from({ length: count }, (_, i) => [
    normalize(reference.embeddings[i] as Float32Array),
    normalize(peer.embeddings[i] as Float32Array),
  ]) as [Float32Array, Float32Array][]
  const random = createRandom('decisions')
  const texts = Array.from({ length: 16 }, () =>
    normalize(Float32Array.from({ length: pairs[0]?.[0].length ?? 0 }, () => random.normal(0, 1))),
  )
  const nearest = (image: Float32Array) => {
    const similarities = texts.map(text => dot(text, image))
    return similarities.indexOf(Math.max(...similarities))
  }
  const same = pairs.filter(([a, b]) => nearest(a) === nearest(b)).length
  return [Math.min(...pairs.map(([a, b]) => dot(a, b))).toFixed(4), `${((same / count) * 100).toFixed(1)} %`]
}

async function preparePeers(
  rig: Rig,
  { video, packages, python }: PeersOptions & { readonly video: string },
): Promise<{ peers: Peer[]; notes: string[] }> {
  const [checkpointDir, modelDir] = [join(rig.dir, 'peers-checkpoint'), join(rig.dir, 'peers-model')]
  await makeCheckpoint(checkpointDir)
  await exportModel({ checkpointDir, outputDir: modelDir })
  const builder = await openVariantBuilder({ modelDir, pictures: [], texts: null, createdBy: 'bench' })
  try {
    for (const variant of VARIANTS.slice(1)) await builder.build(parseVariant(variant, { prune: 0.3, slim: 0.5 }), true)
  } finally {
    await builder.close()
  }
  const peers: Peer[] = VARIANTS.flatMap(variant =>
    ['off', 'on'].map(gate => ({
      name: `Watchword ${variant}, gate ${gate}`,
      run: () => child(process.execPath, [...TSX, script('ours.ts'), modelDir, variant, video, FPS, FRAMES, gate]),
    })),
  )
  const hasPackages = packages !== undefined && existsSync(join(packages, 'node_modules/@huggingface/transformers'))
  if (python === undefined || !existsSync(python))
    return { peers, notes: ['The peers were skipped: no `--python` with torch, transformers and Pillow.'] }
  for (const precision of ['fp32', 'int8']) {
    const args = [checkpointDir, video, FPS, FRAMES, precision, rig.ffmpeg.path]
    peers.push({ name: `torch loop, ${precision}`, run: () => child(python, [script('torch_loop.py'), ...args]) })
  }
  if (!hasPackages)
    return { peers, notes: ['transformers.js was skipped: no `--packages` with @huggingface/transformers.'] }
  const folder = join(rig.dir, 'peers-transformers')
  await mkdir(join(folder, 'onnx'), { recursive: true })
  await run(python, [script('torch_loop.py'), checkpointDir, 'export', folder])
  for (const [mode, name] of Object.entries(TRANSFORMERS_JS)) {
    const args = [packages, folder, video, FPS, FRAMES, mode]
    peers.push({ name, run: () => child(process.execPath, [...TSX, script('transformersJs.ts'), ...args]) })
  }
  return { peers, notes: [] }
}

const TRANSFORMERS_JS = {
  pipeline: 'transformers.js, its pipeline',
  tower: 'transformers.js, its vision tower, batches of 8',
}

const TSX = ['--import', 'tsx']

function script(name: string): string {
  return fileURLToPath(new URL(`peers/${name}`, import.meta.url))
}

async function child(command: string, args: readonly string[]): Promise<PeerRun> {
  const { stdout } = await run(command, args, { maxBuffer: 64 * 1024 * 1024 })
  return readReport(stdout)
}
