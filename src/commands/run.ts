/** `watchword run`: watches until it is told to stop. */

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { readLibrary } from '../config/library.ts'
import { loadConfig } from '../config/load.ts'
import { createTelemetry } from '../telemetry/createTelemetry.ts'
import type { Happening } from '../telemetry/happenings.ts'
import { didYouMeanHint } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { createLearningRedactor, type Redactor } from '../util/redact.ts'
import { createReleases } from '../util/releases.ts'
import { CONFIG_ARGUMENT, configPath, isDemoConfig } from './configPath.ts'
import { thresholdsOf } from './plan.ts'
import { type House, openHouse } from './run/house.ts'
import { onHangup, onStopSignals } from './run/signals.ts'
import { connectSystemd } from './run/systemd.ts'
import { createTerminal } from './run/terminal.ts'
import { packageVersion } from './version.ts'

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
    code: 'usage',
    hint: didYouMeanHint(given, commands, 'commands'),
  })
}

function expectOne([, extra]: readonly string[]): void {
  if (extra !== undefined)
    throw new WatchwordError(`Expected one config, got \`${extra}\` as well`, {
      code: 'usage',
      hint: 'See `watchword run --help`',
    })
}

async function run(given: string | undefined): Promise<void> {
  // Pictures, events and models are for the user that runs this: also what children and libraries write.
  process.umask(0o077)
  const path = configPath(given)
  const read = () => loadConfig(path, { library: readLibrary(), env: process.env })
  const loaded = read()
  const { config } = loaded
  const version = packageVersion()
  const { redact, learn } = createLearningRedactor(loaded.secrets)
  const load = () => {
    const next = read()
    learn(next.secrets)
    return next
  }
  const terminal = createTerminal(config.log.format, redact)
  const hub = createTelemetry({ level: config.log.level, format: terminal.logFormat, redact, write: terminal.log })
  const listeners = new Set<(happening: Happening) => void>([terminal.happened])
  const telemetry = {
    declare: hub.declare,
    emit(happening: Happening) {
      hub.emit(happening)
      for (const listener of listeners) listener(happening)
    },
  }
  const releases = createReleases()
  releases.add('telemetry', () => hub.close())
  const stop = new AbortController()
  const forgetStop = onStopSignals(reason => {
    telemetry.emit({ type: 'Stopping', reason })
    stop.abort(reason)
    setTimeout(() => {
      terminal.say(`stopping took longer than ${STOP_MS / 1000} s and was cut short`)
      process.exit(1)
    }, STOP_MS).unref()
  })
  releases.add('stop signals', forgetStop)
  const hangup = onHangup()
  releases.add('SIGHUP', hangup.forget)

  try {
    const { host, port, enabled } = config.metrics
    const served = enabled ? await hub.serve({ host, port, orNextFree: isDemoConfig(path) }) : null
    if (served) releases.add('metrics', served.close)
    const house = await openHouse({
      loaded,
      load,
      version,
      telemetry,
      listeners,
      redact,
      terminal: terminal.sink,
      onStep: terminal.say,
      signal: stop.signal,
      releases,
    })
    releases.add('config file', house.reload.follow(path))
    const systemd = connectSystemd(process.env, house.isEncoderAlive)
    releases.add('systemd', systemd.close)
    // A config that is refused was told by telemetry; the old one stays in force.
    hangup.follow(() => void house.reload.now().catch(() => undefined))

    const head = {
      title: `watchword ${version}`,
      notes: notesOf({
        path,
        house,
        metrics: served?.url ?? null,
        model: config.model.name,
        variant: config.model.variant,
      }),
    }
    terminal.begin(head, () => {
      const { cameras, events } = house.config()
      return { cameras: Object.keys(cameras), thresholds: thresholdsOf(events) }
    })
    systemd.ready()
    await house.done
    systemd.stopping()
  } catch (error) {
    // Told to stop before everything stood: that is no failure.
    if (!stop.signal.aborted || error !== stop.signal.reason) throw redactError(error, redact)
  } finally {
    terminal.end()
    const problems = await releases.all()
    for (const problem of problems) terminal.say(`could not be closed: ${problem}`)
  }
}

/** What goes wrong is printed by who called us, and knows no secrets. */
function redactError(error: unknown, redact: Redactor): unknown {
  if (!(error instanceof Error)) return error
  error.message = redact(error.message)
  if (error.stack !== undefined) error.stack = redact(error.stack)
  return error
}

/** What the notes under the title tell. */
interface Notable {
  readonly path: string
  readonly house: House
  readonly metrics: string | null
  readonly model: string
  readonly variant: string
}

function notesOf({ path, house, metrics, model, variant }: Notable): string[] {
  const broker = house.isBrokerEmbedded
    ? `events    mosquitto_sub -h 127.0.0.1 -p ${new URL(house.brokerUrl).port} -t watchword/events   (embedded)`
    : `events    ${house.brokerUrl}`
  return [
    model === 'demo'
      ? `model     demo ${variant}: knows only the demo's world. For your cameras: npx watchword models pull clip-vit-base-patch32`
      : `model     ${model} ${variant}`,
    broker,
    ...(metrics ? [`metrics   ${metrics}/metrics`] : []),
    `config    ${path}`,
  ]
}
