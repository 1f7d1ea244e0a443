/** `watchword run`: watches until a signal stops it. */

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type LoadedConfig, loadConfig } from '../config/loadConfig.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { createTelemetry, type TelemetryHub } from '../telemetry/createTelemetry.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { didYouMeanHint } from '../util/didYouMean.ts'
import { createDisposables, type Disposables } from '../util/disposables.ts'
import { WatchwordError } from '../util/errors.ts'
import { exitProcess, isBlocked, killProcess } from '../util/exitProcess.ts'
import { createLearningRedactor, type Redactor } from '../util/redactor.ts'
import { CONFIG_ARGUMENT, configPath, isDemoConfig } from './configPath.ts'
import { packageVersion } from './packageVersion.ts'
import { type Hangup, isInTerminal, onHangup } from './run/onHangup.ts'
import { onLostOutput } from './run/onLostOutput.ts'
import { onStopSignals } from './run/onStopSignals.ts'
import { type Service, startService } from './run/startService.ts'
import { connectSystemd } from './run/systemd.ts'
import { createTerminal, type Terminal } from './run/terminal.ts'
import { thresholdsOf } from './watchStateOf.ts'

/** A stop that takes longer is cut short: service managers kill after ten seconds. */
const STOP_MS = 9000

export function register(program: Command): void {
  program
    .command('run', { isDefault: true })
    .description('watch the cameras of a config and publish what happens')
    .argument('[config]', CONFIG_ARGUMENT)
    .addHelpText('after', '\nExamples:\n  $ watchword run\n  $ watchword run /etc/watchword/home.yaml')
    // `watchword detekt x` comes here with two: which one is wrong is for us to say.
    .allowExcessArguments()
    .action((given: string | undefined, _options, { args }: Command) => {
      if (given !== undefined)
        expectNoTypo(
          given,
          program.commands.map(command => command.name()),
        )
      expectOne(args)
      return run(given)
    })
}

/** `run` is what a word that is no command means, too: a mistyped one must not be taken for a file. */
function expectNoTypo(given: string, commands: readonly string[]): void {
  if (/[./\\]/.test(given) || existsSync(given)) return
  throw new WatchwordError(`There is neither a command nor a config file \`${given}\``, {
    code: 'invalid-option',
    hint: didYouMeanHint(given, commands, 'commands'),
  })
}

function expectOne([, extra]: readonly string[]): void {
  if (extra !== undefined)
    throw new WatchwordError(`Expected one config, got \`${extra}\` as well`, {
      code: 'invalid-option',
      hint: 'See `watchword run --help`',
    })
}

async function run(given: string | undefined): Promise<void> {
  // Snapshots, events and models are private to this user, also when children and libraries write them.
  process.umask(0o077)
  const path = configPath(given)
  const config = openConfig(path)
  const { terminal, telemetry } = startTelemetry(config)
  const disposables = createDisposables()
  disposables.add('telemetry', () => telemetry.close())
  const { signal, hangup } = listenForStop(telemetry, terminal)
  try {
    await watch({ path, config, terminal, telemetry, disposables, signal, hangup })
  } catch (error) {
    // A stop before everything was started is no failure.
    if (!signal.aborted || error !== signal.reason) throw redactError(error, config.redact)
  } finally {
    terminal.end()
    const problems = await disposables.all()
    for (const problem of problems) terminal.say(`could not be closed: ${problem}`)
  }
  if (await isBlocked()) {
    terminal.say('a disk or a name server does not answer: ended without waiting for it')
    killProcess(0)
  }
}

interface OpenConfig {
  readonly loaded: LoadedConfig
  /** Reads the file again; its secrets are redacted from then on. */
  readonly load: () => LoadedConfig
  readonly redact: Redactor
}

function openConfig(path: string): OpenConfig {
  const read = () => loadConfig(path, { library: readLibrary(), env: process.env })
  const loaded = read()
  const { redact, learn } = createLearningRedactor(loaded.secrets)
  const load = () => {
    const next = read()
    learn(next.secrets)
    return next
  }
  return { loaded, load, redact }
}

function startTelemetry({ loaded, redact }: OpenConfig): { terminal: Terminal; telemetry: TelemetryHub } {
  const { format, level } = loaded.config.log
  const terminal = createTerminal(format, redact)
  const { logFormat, log, isLogged } = terminal
  const telemetry = createTelemetry({ level, format: logFormat, redact, write: log, isLogged })
  telemetry.listeners.add(terminal.observe)
  return { terminal, telemetry }
}

/** From the first moment on: a signal without a listener ends the process. They are kept until the process ends. */
function listenForStop(telemetry: Telemetry, terminal: Terminal): { signal: AbortSignal; hangup: Hangup | null } {
  const controller = new AbortController()
  const stop = (reason: string) => {
    if (controller.signal.aborted) return
    telemetry.emit({ type: 'Stopping', reason })
    controller.abort(reason)
    setTimeout(() => {
      terminal.say(`stopping took longer than ${STOP_MS / 1000} s and was cut short`)
      void exitProcess(1)
    }, STOP_MS).unref()
  }
  onStopSignals(stop)
  onLostOutput(stop)
  const hangup = onHangup()
  if (!isInTerminal()) return { signal: controller.signal, hangup }
  hangup.follow(() => stop('SIGHUP'))
  return { signal: controller.signal, hangup: null }
}

interface Watch {
  readonly path: string
  readonly config: OpenConfig
  readonly terminal: Terminal
  readonly telemetry: TelemetryHub
  readonly disposables: Disposables
  readonly signal: AbortSignal
  /** null: SIGHUP stops. */
  readonly hangup: Hangup | null
}

/** Starts everything, and resolves when all has ended and is flushed. */
async function watch({ path, config, terminal, telemetry, disposables, signal, hangup }: Watch): Promise<void> {
  const { loaded, load, redact } = config
  const { metrics, model } = loaded.config
  const version = packageVersion()
  const where = { host: metrics.host, port: metrics.port, orNextFree: isDemoConfig(path) }
  const served = metrics.enabled ? await telemetry.serve(where) : null
  if (served) disposables.add('metrics', served.close)
  const service = await startService({
    loaded,
    load,
    version,
    telemetry,
    redact,
    terminal: terminal.sink,
    onStep: terminal.say,
    signal,
    disposables,
  })
  disposables.add('config file', service.reload.follow(path))
  const systemd = connectSystemd(process.env, service.isEncoderAlive)
  disposables.add('systemd', systemd.close)
  // Telemetry reports a config that is refused; the old one stays in force.
  hangup?.follow(() => void service.reload.now().catch(() => undefined))

  const notes = notesOf({ path, service, metrics: served?.url ?? null, model: model.name, variant: model.variant })
  terminal.begin({ title: `watchword ${version}`, notes }, () => {
    const { cameras, events } = service.config()
    return { cameras: Object.keys(cameras), thresholds: thresholdsOf(events) }
  })
  systemd.ready()
  await service.done
  systemd.stopping()
}

/** The caller prints it and knows no secrets. */
function redactError(error: unknown, redact: Redactor): unknown {
  if (!(error instanceof Error)) return error
  error.message = redact(error.message)
  if (error.stack !== undefined) error.stack = redact(error.stack)
  return error
}

/** What the lines under the title say. */
interface Notable {
  readonly path: string
  readonly service: Service
  readonly metrics: string | null
  readonly model: string
  readonly variant: string
}

function notesOf({ path, service, metrics, model, variant }: Notable): string[] {
  const broker = service.isBrokerEmbedded
    ? `events    mosquitto_sub -h 127.0.0.1 -p ${new URL(service.brokerUrl).port} -t watchword/events   (embedded)`
    : `events    ${service.brokerUrl}`
  return [
    model === 'demo'
      ? `model     demo ${variant}: knows only the demo's world. For your cameras: npx watchword models pull clip-vit-b-32-256-datacomp`
      : `model     ${model} ${variant}`,
    broker,
    ...(metrics ? [`metrics   ${metrics}/metrics`] : []),
    `config    ${path}`,
  ]
}
