/** Starts everything a run needs in order, connects it through the pipeline, and releases it in reverse order. */

import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { connectable, fromEvent, Subject } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { mqttSchema } from '../../config/schema.ts'
import { demoCamerasOf } from '../../demo/parseDemoUrl.ts'
import { type DemoCamera, startDemoCameras } from '../../demo/startDemoCameras.ts'
import { DEFAULT_VIDEO } from '../../demo/world/world.ts'
import { applyCommand, type Command } from '../../operators/watchState.ts'
import { pipeline } from '../../pipeline.ts'
import type { Sink } from '../../sinks/sink.ts'
import { findFfmpeg } from '../../sources/ffmpeg/find.ts'
import type { TelemetryHub } from '../../telemetry/createTelemetry.ts'
import { createHealthChecks } from '../../telemetry/healthChecks.ts'
import { DEFAULT_LIMITS } from '../../telemetry/healthLimits.ts'
import type { InternalEvent, Telemetry } from '../../telemetry/internalEvents.ts'
import { byName } from '../../util/byName.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import type { Disposables } from '../../util/disposables.ts'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import type { Redactor } from '../../util/redactor.ts'
import { withoutLogin } from '../../util/withoutLogin.ts'
import { variantName } from '../clipModelBuilder.ts'
import { startEngine } from '../engine.ts'
import { FRAME_GAP_MS, watchedOf, watchStateOf } from '../watchStateOf.ts'
import { createRequests } from './createRequests.ts'
import { detailsOf } from './detailsOf.ts'
import { healthOf } from './healthOf.ts'
import { startWatching } from './measureHealth.ts'
import { openCamera } from './openCamera.ts'
import { ownData } from './ownData.ts'
import { createReload, type Reload } from './reload.ts'
import { createRuntimeOverrides } from './runtimeOverrides.ts'
import { openSinks } from './sinks.ts'
import { startEmbeddedBroker } from './startEmbeddedBroker.ts'
import { switchEvent } from './switchEvent.ts'

const UPDATE_EVERY_MS = 2000
const SNAPSHOT_TIMEOUT_MS = 10_000

export interface ServiceOptions {
  readonly loaded: LoadedConfig
  /** Reads the config again. */
  readonly load: () => LoadedConfig
  readonly version: string
  readonly telemetry: Telemetry & Pick<TelemetryHub, 'declare'>
  /** Everything that happens also goes to these: healthChecks, the live status. */
  readonly listeners: Set<(internalEvent: InternalEvent) => void>
  readonly redact: Redactor
  readonly terminal: Sink
  /** A sentence for the terminal while things start. */
  readonly onStep: (step: string) => void
  /** Aborting it stops the cameras; while things start, it ends the start. */
  readonly signal: AbortSignal
  readonly disposables: Disposables
}

export interface Service {
  readonly reload: Reload
  /** In force now: a reload changes it. */
  readonly config: () => LoadedConfig['config']
  /** Where events go, without credentials. */
  readonly brokerUrl: string
  readonly isBrokerEmbedded: boolean
  /** False while its worker is gone or stuck. */
  readonly isEncoderAlive: () => boolean
  /** Resolves when all is over and flushed, after the signal: a reload may bring cameras when every one has ended. */
  readonly done: Promise<void>
}

/**
 * The caller disposables what was acquired, also when this throws.
 * @throws WatchwordError for whatever the config names and is not there; the signal's reason when it is aborted meanwhile
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { loaded, telemetry, redact, disposables, onStep, version, signal } = options
  let { config } = loaded
  const dataDir = dataDirectory(config.data_dir)
  // Before anything slow, so that a mistyped URL is reported immediately.
  const drawn = demoCamerasOf(config.cameras)
  disposables.add('data directory', await ownData(dataDir, onStep))

  const ffmpeg = await findFfmpeg({ configured: config.ffmpeg.path })
  if (ffmpeg.warning) onStep(ffmpeg.warning)
  const engine = await startEngine(config.model, { dataDir, telemetry, onStep, signal })
  disposables.add('encoder', () => engine.encoder.close())
  signal.throwIfAborted()
  const texts = await engine.texts(config.events)

  const demo =
    drawn.length === 0
      ? null
      : await startDemoCameras({ cameras: drawn, fps: DEFAULT_VIDEO.fps, ffmpegPath: ffmpeg.path, port: 0 })
  if (demo) {
    disposables.add('demo cameras', () => demo.close())
    void demo.failed.then(error => onStep(`${messageOf(error)}. The demo's cameras stay lost until the next start.`))
  }
  signal.throwIfAborted()
  const embedded = config.mqtt ? null : await startEmbeddedBroker()
  if (embedded) disposables.add('embedded broker', () => embedded.close())
  const mqttConfig = config.mqtt ?? mqttSchema.parse({ url: embedded?.url })

  const healthChecks = createHealthChecks({ ...DEFAULT_LIMITS, wantedFps: wantedFps(config) }, telemetry)
  const details = () => detailsOf(config, plan, redact)
  const health = () => Object.fromEntries(healthChecks.states())
  const publishHealth = () => sinks.mqtt.publishState(sinks.mqtt.topics.health, healthOf(health()))
  const commands$ = new Subject<Command>()
  const overrides = createRuntimeOverrides()
  /** As the config says, with what was asked for at run time. */
  let plan = watchStateOf(config, texts)
  const reload = createReload(loaded, {
    load: () => {
      const next = options.load()
      expectDrawn(next.config, drawn)
      return next
    },
    texts: events => engine.texts(events),
    telemetry,
    apply: (next, planned) => {
      plan = overrides.applyTo(planned, config, next.config)
      // The other sections wait for the next start: nothing may take half of them earlier.
      config = { ...config, cameras: next.config.cameras, events: next.config.events }
      sinks.mqtt.declare(watchedOf(config), details())
      commands$.next({ type: 'plan', plan })
      declare()
      for (const { check, subject } of healthChecks.watch(wantedFps(config)))
        sinks.mqtt.clearRetained(sinks.mqtt.topics.healthCheck(check, subject))
      publishHealth()
    },
  })
  const info = {
    model: engine.model.name,
    variant: engine.model.variant.variant,
    model_sha256: engine.encoder.modelSha,
  }
  const sinks = await openSinks({
    ...options,
    config: { ...config, mqtt: mqttConfig },
    dataDir,
    info,
    details: details(),
    onRequest: createRequests({
      cameras: () => Object.keys(config.cameras),
      events: () => Object.keys(config.events),
      control: wanted => {
        const controls = wanted.type === 'event' ? switchEvent(wanted, plan, watchedOf(config)) : [wanted]
        for (const control of controls) {
          overrides.add(control)
          plan = applyCommand(plan, control)
          commands$.next(control)
        }
        sinks.mqtt.declare(watchedOf(config), details())
      },
      reload: () => reload.now(),
      health,
      snapshotTimeoutMs: SNAPSHOT_TIMEOUT_MS,
    }),
  })
  signal.throwIfAborted()

  const { variant } = engine.encoder
  const shadows = config.model.shadow_variants.map(variantName)
  const declare = () => telemetry.declare({ cameras: watchedOf(config), variants: [variant, ...shadows] })
  declare()
  publishHealth()
  options.listeners.add(internalEvent => {
    healthChecks.observe(internalEvent, performance.now())
    // A device that was deleted in Home Assistant comes back with a reload.
    if (internalEvent.type === 'ConfigReloaded') sinks.mqtt.announceAgain()
    if (internalEvent.type !== 'HealthChanged') return
    const { check, subject, state, detail } = internalEvent
    sinks.mqtt.publishState(sinks.mqtt.topics.healthCheck(check, subject), { state, detail })
    publishHealth()
  })
  disposables.add('health checks', startWatching(healthChecks, foldersOf(config, dataDir)))

  const deps = {
    ffmpeg,
    telemetry,
    redact,
    size: engine.encoder.imageSize,
    demo: byName(Object.entries(demo?.urls ?? {})),
    config: () => config,
  }
  const flow$ = pipeline(
    {
      plan,
      scoring: config.model.scoring,
      maxBatch: config.model.max_batch_size,
      maxQueueDelayMs: config.model.max_queue_delay,
      lossless: false,
      updateEveryMs: UPDATE_EVERY_MS,
      gapMs: FRAME_GAP_MS,
    },
    {
      open: ({ camera }) => openCamera(camera, deps),
      encoder: engine.encoder,
      telemetry,
      commands$,
      stop$: fromEvent(signal, 'abort'),
    },
  )
  const outcomes$ = connectable(flow$)
  // Every sink listens before the first camera is opened.
  const done = sinks.take(outcomes$)
  outcomes$.connect()

  const { cameras, events } = config
  telemetry.emit({
    type: 'Started',
    version,
    variant,
    modelSha: engine.encoder.modelSha,
    cameras: Object.keys(cameras).length,
    events: Object.keys(events).length,
  })
  return {
    reload,
    config: () => config,
    brokerUrl: withoutLogin(mqttConfig.url),
    isBrokerEmbedded: embedded !== null,
    isEncoderAlive: () => healthChecks.states().get(`encoder/${variant}`) !== 'critical',
    done,
  }
}

/** @throws WatchwordError for a drawn camera that is not drawn yet, or differently: that begins with the program */
function expectDrawn({ cameras }: LoadedConfig['config'], drawn: readonly DemoCamera[]): void {
  for (const { name, world } of demoCamerasOf(cameras)) {
    const before = drawn.find(camera => camera.name === name)?.world
    if (before !== undefined && isDeepStrictEqual({ ...world, startTime: before.startTime }, before)) continue
    throw new WatchwordError(`Camera ${name} has a new \`demo:\` url: what is drawn changes at the next start alone`, {
      code: 'demo-url-invalid',
    })
  }
}

/** Folders that are written to; each may be a disk of its own. */
function foldersOf({ journal, snapshots }: LoadedConfig['config'], dataDir: string): string[] {
  const journalDir = journal.enabled && journal.path !== undefined ? [dirname(journal.path)] : []
  const snapshotDir = snapshots.enabled && snapshots.dir !== undefined ? [snapshots.dir] : []
  return [...new Set([dataDir, ...journalDir, ...snapshotDir])]
}

function wantedFps({ cameras }: LoadedConfig['config']): Record<string, number> {
  return byName(Object.entries(cameras).map(([name, { fps }]) => [name, fps]))
}
