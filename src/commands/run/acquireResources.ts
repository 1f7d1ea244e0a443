/** The first phase of a run: locks the data directory, finds ffmpeg, and starts the encoder, the demo and the broker. */

import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { mqttSchema } from '../../config/mqttSchema.ts'
import { demoCamerasOf } from '../../demo/parseDemoUrl.ts'
import { type DemoCamera, startDemoCameras } from '../../demo/startDemoCameras.ts'
import { DEFAULT_VIDEO } from '../../demo/world/world.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { type Ffmpeg, findFfmpeg } from '../../sources/ffmpeg/findFfmpeg.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { byName } from '../../util/byName.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import type { Disposables } from '../../util/disposables.ts'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { type Engine, startEngine } from '../startEngine.ts'
import { lockDataDirectory } from './lockDataDirectory.ts'
import { startEmbeddedBroker } from './startEmbeddedBroker.ts'

type Config = LoadedConfig['config']

export interface AcquireDeps {
  readonly telemetry: Telemetry
  /** Describes a step of the start, in one sentence. */
  readonly onStep: (step: string) => void
  /** Aborting it ends the start. */
  readonly signal: AbortSignal
  /** Every acquired resource is added here, also when a later step fails. */
  readonly disposables: Disposables
}

export interface Resources {
  readonly dataDir: string
  readonly ffmpeg: Ffmpeg
  readonly engine: Engine
  /** Encoded texts of the config's events. */
  readonly texts: ScoringTexts
  readonly demo: Demo
  /** The config's broker, or the embedded one. */
  readonly mqtt: NonNullable<Config['mqtt']>
  readonly isBrokerEmbedded: boolean
}

export interface Demo {
  /** Camera name → its RTSP address. */
  readonly urls: Readonly<Record<string, string>>
  /** @throws WatchwordError for a demo camera that is not rendered yet, or differently: scenes begin with the program */
  expectSame(config: Config): void
}

/** @throws WatchwordError for anything that the config names and that does not exist; the signal's reason after an abort */
export async function acquireResources(config: Config, deps: AcquireDeps): Promise<Resources> {
  const { telemetry, onStep, signal, disposables } = deps
  const dataDir = dataDirectory(config.data_dir)
  // Before anything slow, so that a mistyped URL is reported immediately.
  const demoCameras = demoCamerasOf(config.cameras)
  disposables.add('data directory', await lockDataDirectory(dataDir, onStep))

  const ffmpeg = await findFfmpeg({ configured: config.ffmpeg.path })
  if (ffmpeg.warning) onStep(ffmpeg.warning)

  const engine = await startEngine(config.model, { dataDir, telemetry, onStep, signal })
  disposables.add('encoder', () => engine.encoder.close())
  signal.throwIfAborted()
  const texts = await engine.texts(config.events)

  const demo = await startDemo(demoCameras, ffmpeg, deps)
  signal.throwIfAborted()

  const embedded = config.mqtt ? null : await startEmbeddedBroker()
  if (embedded) disposables.add('embedded broker', () => embedded.close())
  const mqtt = config.mqtt ?? mqttSchema.parse({ url: embedded?.url })
  return { dataDir, ffmpeg, engine, texts, demo, mqtt, isBrokerEmbedded: embedded !== null }
}

async function startDemo(cameras: readonly DemoCamera[], ffmpeg: Ffmpeg, deps: AcquireDeps): Promise<Demo> {
  const expectSame = (config: Config) => expectSameDemo(config, cameras)
  if (cameras.length === 0) return { urls: {}, expectSame }
  const demo = await startDemoCameras({ cameras, fps: DEFAULT_VIDEO.fps, ffmpegPath: ffmpeg.path, port: 0 })
  deps.disposables.add('demo cameras', () => demo.close())
  void demo.failed.then(error => deps.onStep(`${messageOf(error)}. The demo's cameras stay lost until the next start.`))
  return { urls: byName(Object.entries(demo.urls)), expectSame }
}

function expectSameDemo({ cameras }: Config, rendered: readonly DemoCamera[]): void {
  for (const { name, world } of demoCamerasOf(cameras)) {
    const before = rendered.find(camera => camera.name === name)?.world
    if (before !== undefined && isDeepStrictEqual({ ...world, startTime: before.startTime }, before)) continue
    throw new WatchwordError(`Camera ${name} has a new \`demo:\` url; demo scenes change only at the next start`, {
      code: 'demo-url-invalid',
    })
  }
}
