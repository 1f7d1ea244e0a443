/** Everything a run holds: acquired in order, joined by the pipeline, given back in reverse. */

import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { connectable, fromEvent, Subject } from 'rxjs'
import type { LoadedConfig } from '../../config/load.ts'
import { mqttSchema } from '../../config/schema.ts'
import type { DemoCamera } from '../../demo/cameras.ts'
import { applyControl, type Control } from '../../operators/plan.ts'
import { pipeline } from '../../pipeline.ts'
import type { Sink } from '../../sinks/sink.ts'
import { findFfmpeg } from '../../sources/ffmpeg/find.ts'
import type { TelemetryHub } from '../../telemetry/createTelemetry.ts'
import type { Happening, Telemetry } from '../../telemetry/happenings.ts'
import { createWatchdogs, DEFAULT_LIMITS } from '../../telemetry/watchdogs.ts'
import { byName } from '../../util/byName.ts'
import { dataDirectory } from '../../util/dataDirectory.ts'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import type { Redactor } from '../../util/redact.ts'
import type { Releases } from '../../util/releases.ts'
import { withoutLogin } from '../../util/withoutLogin.ts'
import { variantName } from '../clipModelBuilder.ts'
import { startEngine } from '../engine.ts'
import { FRAME_GAP_MS, planOf, watchedOf } from '../plan.ts'
import { createAsked } from './asked.ts'
import { startEmbeddedBroker } from './broker.ts'
import { openCamera } from './cameras.ts'
import { demoCamerasOf, startDemo } from './demo.ts'
import { detailsOf } from './details.ts'
import { healthOf } from './health.ts'
import { ownData } from './ownData.ts'
import { createReload, type Reload } from './reload.ts'
import { createRequests } from './requests.ts'
import { openSinks } from './sinks.ts'
import { switchEvent } from './switchEvent.ts'
import { startWatching } from './watch.ts'

const UPDATE_EVERY_MS = 2000
const SNAPSHOT_TIMEOUT_MS = 10_000

export interface HouseOptions {
  readonly loaded: LoadedConfig
  /** Reads the config again. */
  readonly load: () => LoadedConfig
  readonly version: string
  readonly telemetry: Telemetry & Pick<TelemetryHub, 'declare'>
  /** Everything that happens also goes to these: watchdogs, the live status. */
  readonly listeners: Set<(happening: Happening) => void>
  readonly redact: Redactor
  readonly terminal: Sink
  /** A sentence for the terminal while things start. */
  readonly onStep: (step: string) => void
  /** Aborting it stops the cameras; while things start, it ends the start. */
  readonly signal: AbortSignal
  readonly releases: Releases
}

export interface House {
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
 * The caller releases what was acquired, also when this throws.
 * @throws WatchwordError for whatever the config names and is not there; the signal's reason when it is aborted meanwhile
 */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { loaded, telemetry, redact, releases, onStep, version, signal } = options
  let { config } = loaded
  const dataDir = dataDirectory(config.data_dir)
  // Before anything that takes long: a mistyped URL is told at once.
  const drawn = demoCamerasOf(config.cameras)
  releases.add('data directory', await ownData(dataDir, onStep))

  const ffmpeg = await findFfmpeg({ configured: config.ffmpeg.path })
  if (ffmpeg.warning) onStep(ffmpeg.warning)
  const engine = await startEngine(config.model, { dataDir, telemetry, onStep, signal })
  releases.add('encoder', () => engine.encoder.close())
  signal.throwIfAborted()
  const texts = await engine.texts(config.events)

  const demo = await startDemo(drawn, ffmpeg.path)
  if (demo) {
    releases.add('demo cameras', () => demo.close())
    void demo.failed.then(error => onStep(`${messageOf(error)}. The demo's cameras stay lost until the next start.`))
  }
  signal.throwIfAborted()
  const embedded = config.mqtt ? null : await startEmbeddedBroker()
  if (embedded) releases.add('embedded broker', () => embedded.close())
  const mqttConfig = config.mqtt ?? mqttSchema.parse({ url: embedded?.url })

  const watchdogs = createWatchdogs({ ...DEFAULT_LIMITS, wantedFps: wantedFps(config) }, telemetry)
  const details = () => detailsOf(config, plan, redact)
  const health = () => Object.fromEntries(watchdogs.states())
  const publishHealth = () => sinks.mqtt.publishState(sinks.mqtt.topics.health, healthOf(health()))
  const controls$ = new Subject<Control>()
  const asked = createAsked()
  /** As the config says, with what was asked for at run time. */
  let plan = planOf(config, texts)
  const reload = createReload(loaded, {
    load: () => {
      const next = options.load()
      expectDrawn(next.config, drawn)
      return next
    },
    texts: events => engine.texts(events),
    telemetry,
    apply: (next, planned) => {
      plan = asked.over(planned, config, next.config)
      // The other sections wait for the next start: nothing may take half of them earlier.
      config = { ...config, cameras: next.config.cameras, events: next.config.events }
      sinks.mqtt.declare(watchedOf(config), details())
      controls$.next({ type: 'plan', plan })
      declare()
      for (const { watchdog, subject } of watchdogs.watch(wantedFps(config)))
        sinks.mqtt.remove(sinks.mqtt.topics.watchdog(watchdog, subject))
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
          asked.add(control)
          plan = applyControl(plan, control)
          controls$.next(control)
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
  const shadows = config.model.shadow.map(variantName)
  const declare = () => telemetry.declare({ cameras: watchedOf(config), variants: [variant, ...shadows] })
  declare()
  publishHealth()
  options.listeners.add(happening => {
    watchdogs.happened(happening, performance.now())
    // Somebody who deleted a device in Home Assistant gets it back by a reload.
    if (happening.type === 'ConfigReloaded') sinks.mqtt.announceAgain()
    if (happening.type !== 'WatchdogChanged') return
    const { watchdog, subject, state, detail } = happening
    sinks.mqtt.publishState(sinks.mqtt.topics.watchdog(watchdog, subject), { state, detail })
    publishHealth()
  })
  releases.add('watchdogs', startWatching(watchdogs, foldersOf(config, dataDir)))

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
      maxBatch: config.model.batch,
      deadlineMs: config.model.deadline,
      lossless: false,
      updateEveryMs: UPDATE_EVERY_MS,
      gapMs: FRAME_GAP_MS,
    },
    {
      open: ({ camera }) => openCamera(camera, deps),
      encoder: engine.encoder,
      telemetry,
      controls$,
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
    isEncoderAlive: () => watchdogs.states().get(`encoder/${variant}`) !== 'critical',
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
