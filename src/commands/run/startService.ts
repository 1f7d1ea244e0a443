/** Starts everything a run needs, in phases: acquire resources, open the sinks, follow changes, connect the pipeline. */

import { connectable, fromEvent } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { pipeline } from '../../pipeline.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { TelemetryHub } from '../../telemetry/createTelemetry.ts'
import { createHealthChecks, type HealthChecks } from '../../telemetry/healthChecks.ts'
import { DEFAULT_LIMITS } from '../../telemetry/healthLimits.ts'
import { byName } from '../../util/byName.ts'
import type { Redactor } from '../../util/redactor.ts'
import { withoutLogin } from '../../util/withoutLogin.ts'
import { variantName } from '../clipModelBuilder.ts'
import { FRAME_GAP_MS, lacksZone, UPDATE_EVERY_MS } from '../watchStateOf.ts'
import { type AcquireDeps, acquireResources, type Resources } from './acquireResources.ts'
import { type ConfigStore, createConfigStore } from './configStore.ts'
import { createRequests } from './createRequests.ts'
import { detailsOf } from './detailsOf.ts'
import { foldersOf } from './foldersOf.ts'
import { measureHealth } from './measureHealth.ts'
import { type Answering, openAnswering } from './openAnswering.ts'
import { type Banks, openBanks } from './openBanks.ts'
import { openCamera } from './openCamera.ts'
import { openEventTraces } from './openEventTraces.ts'
import { type History, openHistory } from './openHistory.ts'
import { openSinks, type Sinks } from './openSinks.ts'
import { publishHealth } from './publishHealth.ts'
import { createReload, type Reload } from './reload.ts'

const SNAPSHOT_TIMEOUT_MS = 10_000

/** Aborting `signal` during the start ends the start; later it closes the cameras. */
export interface ServiceOptions extends AcquireDeps {
  readonly loaded: LoadedConfig
  /** Reads the config again. */
  readonly load: () => LoadedConfig
  readonly version: string
  readonly telemetry: TelemetryHub
  readonly redact: Redactor
  readonly terminal: Sink
}

export interface Service {
  readonly reload: Reload
  /** In force now: a reload changes it. */
  readonly config: () => LoadedConfig['config']
  /** Where events go, without credentials. */
  readonly brokerUrl: string
  readonly isBrokerEmbedded: boolean
  /** False while the encoder's worker has ended or does not answer. */
  readonly isEncoderAlive: () => boolean
  /** Resolves when everything has ended and is flushed, after the signal: not before, as a reload may add cameras. */
  readonly done: Promise<void>
}

/**
 * Stopping is the caller's: it aborts `signal`, awaits `done` and releases `disposables`, also when this throws.
 * @throws WatchwordError for anything that the config names and that does not exist; the signal's reason after an abort
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { loaded, telemetry, signal } = options
  const resources = await acquireResources(loaded.config, options)
  const store = createConfigStore(loaded.config, resources.texts)
  const healthChecks = createHealthChecks({ ...DEFAULT_LIMITS, wantedFps: wantedFps(loaded.config) }, telemetry)
  const { encoder } = resources.engine
  const answering = await openAnswering({ ...options, dataDir: resources.dataDir, encoder, config: store.config })
  const parts: Parts = { resources, store, healthChecks, answering, reload: followConfig(options, resources, store) }

  const sinks = await openServiceSinks(options, parts)
  signal.throwIfAborted()
  declareTopics(options, parts, sinks)
  declareSeries(options, parts)
  const health = startHealthChecks(options, parts, sinks)
  const banks = await openServiceBanks(options, parts, sinks)
  signal.throwIfAborted()
  const history = openServiceHistory(options, parts)
  const done = connectPipeline(options, parts, { sinks, banks, history })
  // After the pipeline has closed removed cameras: nothing they still send may start their series or topics again.
  store.commands$.subscribe(({ type }) => {
    if (type !== 'replace') return
    declareSeries(options, parts)
    health.watch(wantedFps(store.config()))
    void banks.watch(Object.keys(store.watched()))
  })

  const { cameras, events } = store.config()
  telemetry.emit({
    type: 'Started',
    version: options.version,
    variant: encoder.variant,
    modelSha: encoder.modelSha,
    cameras: Object.keys(cameras).length,
    events: Object.keys(events).length,
  })
  return {
    reload: parts.reload,
    config: store.config,
    brokerUrl: withoutLogin(resources.mqtt.url),
    isBrokerEmbedded: resources.isBrokerEmbedded,
    isEncoderAlive: () => healthChecks.states().get(`encoder/${encoder.variant}`) !== 'critical',
    done,
  }
}

interface Parts {
  readonly resources: Resources
  readonly store: ConfigStore
  readonly healthChecks: HealthChecks
  readonly answering: Answering
  readonly reload: Reload
}

function followConfig({ loaded, load, telemetry }: ServiceOptions, { engine, demo }: Resources, store: ConfigStore) {
  return createReload(loaded, {
    load: () => {
      const next = load()
      demo.expectSame(next.config)
      return next
    },
    texts: engine.texts,
    apply: (next, watchState) => store.replace(next.config, watchState),
    telemetry,
  })
}

/** Requests may arrive from now on; the store keeps them for the pipeline. */
function openServiceSinks(
  options: ServiceOptions,
  { resources, store, healthChecks, answering, reload }: Parts,
): Promise<Sinks> {
  const { dataDir, engine, ffmpeg, mqtt } = resources
  return openSinks({
    ...options,
    config: { ...store.config(), mqtt },
    dataDir,
    ffmpegPath: ffmpeg.path,
    info: {
      model: engine.model.name,
      variant: engine.model.variant.variant,
      model_sha256: engine.encoder.modelSha,
    },
    details: detailsOf(store.config(), store.watchState(), options.redact),
    traces: openEventTraces({ dataDir, store, encoder: engine.encoder, telemetry: options.telemetry }),
    onRequest: createRequests({
      cameras: () => Object.keys(store.config().cameras),
      events: () => Object.keys(store.config().events),
      lacksZone: (event, camera) => lacksZone(event, camera, store.config()),
      request: store.request,
      reload: reload.now,
      health: healthChecks.states,
      answer: answering.answer,
      snapshotTimeoutMs: SNAPSHOT_TIMEOUT_MS,
    }),
  })
}

/** Declares the topics of the start and, before the pipeline acts on it, of every change. */
function declareTopics({ redact }: ServiceOptions, { store }: Parts, { mqtt }: Sinks): void {
  const declare = () => mqtt.declare(store.watched(), detailsOf(store.config(), store.watchState(), redact))
  declare()
  store.commands$.subscribe(({ type }) => type !== 'snapshot' && declare())
}

function declareSeries({ telemetry }: ServiceOptions, { resources, store }: Parts): void {
  const shadows = store.config().model.shadow_variants.map(variantName)
  const variants = [resources.engine.encoder.variant, ...shadows]
  telemetry.declare({ cameras: store.watched(), variants })
}

/** Health checks get internal events and measurements, and are published. */
function startHealthChecks(options: ServiceOptions, { resources, store, healthChecks }: Parts, { mqtt }: Sinks) {
  const health = publishHealth(mqtt, healthChecks)
  options.telemetry.listeners.add(internalEvent => {
    healthChecks.observe(internalEvent, performance.now())
    if (internalEvent.type === 'HealthChanged') health.onChange(internalEvent)
    // A device that was deleted in Home Assistant is announced again by a reload.
    if (internalEvent.type === 'ConfigReloaded') mqtt.announceAgain()
  })
  options.disposables.add('health checks', measureHealth(healthChecks, foldersOf(store.config(), resources.dataDir)))
  return health
}

/** What the cameras' own images taught is read before the first frame, and its state is published. */
async function openServiceBanks(options: ServiceOptions, parts: Parts, { mqtt }: Sinks): Promise<Banks> {
  const { telemetry, disposables } = options
  const { resources, store, answering } = parts
  const { dataDir, engine } = resources
  telemetry.listeners.add(internalEvent => {
    if (internalEvent.type === 'CalibrationChanged') mqtt.publishCalibration(internalEvent)
  })
  const texts = () => store.watchState().texts
  const banks = openBanks({ dataDir, encoder: engine.encoder, texts, examples: answering.examples, telemetry })
  disposables.add('banks', banks.close)
  await banks.watch(Object.keys(store.watched()))
  return banks
}

/** What the encoder saw is kept; null: the config switches it off. */
function openServiceHistory({ telemetry, disposables }: ServiceOptions, { resources, store }: Parts): History | null {
  const { dataDir, engine } = resources
  const history = openHistory({ dataDir, encoder: engine.encoder, config: store.config, telemetry })
  if (history !== null) disposables.add('history', history.close)
  return history
}

interface Outputs {
  readonly sinks: Sinks
  readonly banks: Banks
  readonly history: History | null
}

function connectPipeline(
  options: ServiceOptions,
  { resources, store, answering }: Parts,
  { sinks, banks, history }: Outputs,
): Promise<void> {
  const { telemetry, redact, signal } = options
  const { ffmpeg, engine, demo } = resources
  const { model } = store.config()
  const cameraDeps = {
    ffmpeg,
    telemetry,
    redact,
    size: engine.encoder.imageSize,
    demo: demo.urls,
    config: store.config,
  }
  const outcomes$ = connectable(
    pipeline(
      {
        watchState: store.watchState(),
        scoring: model.scoring,
        maxBatch: model.max_batch_size,
        maxQueueDelayMs: model.max_queue_delay,
        lossless: false,
        updateEveryMs: UPDATE_EVERY_MS,
        gapMs: FRAME_GAP_MS,
      },
      {
        open: ({ camera }) => openCamera(camera, cameraDeps),
        encoder: engine.encoder,
        telemetry,
        memory: banks.memory,
        odds: answering.odds,
        ...(history && { onEncoded: history.take }),
        commands$: store.commands$,
        stop$: fromEvent(signal, 'abort'),
      },
    ),
  )
  // Every sink listens before the first camera is opened.
  const done = sinks.take(outcomes$)
  history?.follow(outcomes$)
  outcomes$.connect()
  return done
}

function wantedFps({ cameras }: LoadedConfig['config']): Record<string, number> {
  return byName(Object.entries(cameras).map(([name, { fps }]) => [name, fps]))
}
