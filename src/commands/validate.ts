/** `watchword validate`: tries the config, the model, every camera and the broker; the exit code is 1 if one fails. */

import type { Command } from 'commander'
import { type LoadedConfig, loadConfig } from '../config/loadConfig.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { parseDemoUrl } from '../demo/parseDemoUrl.ts'
import { resolveModel } from '../models/resolveModel.ts'
import { probeBroker } from '../sinks/mqtt/probeBroker.ts'
import { type Ffmpeg, findFfmpeg } from '../sources/ffmpeg/findFfmpeg.ts'
import { listImages } from '../sources/images.ts'
import { type Probed, probe } from '../sources/probe.ts'
import { sourceKind } from '../sources/sourceKind.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { pluralize } from '../util/pluralize.ts'
import { createRedactor, type Redactor } from '../util/redactor.ts'
import { clipModelBuilder, variantName } from './clipModelBuilder.ts'
import { CONFIG_ARGUMENT, configPath } from './configPath.ts'
import { mqttOptionsOf } from './mqttOptionsOf.ts'
import { makeWritable } from './writeFiles.ts'

type Config = LoadedConfig['config']

interface Check {
  readonly what: string
  readonly ok: boolean
  /** The result of the check, or the error. */
  readonly found: string
}

export function register(program: Command): void {
  program
    .command('validate')
    .description('try a config: the file, the model, every camera and the broker')
    .argument('[config]', CONFIG_ARGUMENT)
    .option('--json', 'print the checks as JSON')
    .addHelpText('after', '\nExamples:\n  $ watchword validate\n  $ watchword validate home.yaml --json')
    .action(validate)
}

async function validate(given: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const path = configPath(given)
  const load = async () => loadConfig(path, { library: readLibrary(), env: process.env })
  const loaded = json ? await check('config', load, ({ path: file }) => file) : { value: await load(), check: null }
  const { value } = loaded
  const checks: Check[] = []
  for await (const each of value === null ? [loaded.check as Check] : allChecks(value)) {
    checks.push(each)
    if (!json) process.stdout.write(`${each.ok ? 'ok  ' : 'FAIL'}  ${each.what.padEnd(20)}  ${each.found}\n`)
  }
  if (json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
  if (checks.some(({ ok }) => !ok)) process.exitCode = 1
}

/** Runs all checks concurrently and yields them in order, because an unreachable camera takes long. */
async function* allChecks({ config, path, secrets }: LoadedConfig): AsyncGenerator<Check> {
  const redact = createRedactor(secrets)
  const { name, variant, shadow_variants: shadow } = config.model
  const dataDir = dataDirectory(config.data_dir)
  const ffmpeg = check('ffmpeg', () => findFfmpeg({ configured: config.ffmpeg.path }), describeFfmpeg)
  const model = async () => {
    const checks: Check[] = []
    // Sequential: the first check creates the fp32 model that the others start from.
    for (const each of [variant, ...shadow]) {
      const resolve = () => resolveModel(name, { variant: variantName(each), dataDir, modelBuilder: clipModelBuilder })
      checks.push((await check(each === variant ? 'model' : `shadow ${each}`, resolve, describeModel)).check)
    }
    return checks
  }
  const waiting: Promise<Check | Check[]>[] = [
    Promise.resolve({ what: 'config', ok: true, found: path }),
    check(
      'data',
      () => makeWritable(dataDir),
      () => dataDir,
    ).then(result => result.check),
    ffmpeg.then(result => result.check),
    model(),
    ...Object.keys(config.cameras).map(async camera => checkCamera(camera, config, (await ffmpeg).value, redact)),
    checkBroker(config),
  ]
  for (const each of waiting)
    for (const { found, ...rest } of [await each].flat()) yield { ...rest, found: redact(found) }
}

async function check<T>(what: string, attempt: () => Promise<T>, describe: (value: T) => string) {
  try {
    const value = await attempt()
    return { value, check: { what, ok: true, found: describe(value) } }
  } catch (error) {
    return { value: null, check: { what, ok: false, found: failureText(error) } }
  }
}

/** The error and its hint on one line. */
function failureText(error: unknown): string {
  const hint = error instanceof WatchwordError ? error.hint : null
  return hint ? `${messageOf(error).replace(/\.$/, '')}. ${hint}` : messageOf(error)
}

async function checkCamera(name: string, config: Config, ffmpeg: Ffmpeg | null, redact: Redactor): Promise<Check> {
  const what = `camera ${name}`
  const { url, transport, type, enabled } = config.cameras[name] as Config['cameras'][string]
  if (!enabled) return { what, ok: true, found: 'disabled: not tried' }
  const attempt = async (): Promise<string> => {
    const scene = parseDemoUrl(url)
    if (scene) return `synthetic scene: ${scene.view}, ${scene.light}, ${scene.weather}`
    if (sourceKind(type, url) === 'images') return pluralize((await listImages(url)).length, 'image')
    if (!ffmpeg) throw new Error('not tried: ffmpeg is missing')
    return describeStream(await probe(url, { ffmpeg, redact, transport }))
  }
  return (await check(what, attempt, text => text)).check
}

async function checkBroker(config: Config): Promise<Check> {
  if (!config.mqtt)
    return { what: 'broker', ok: true, found: 'none configured: the embedded broker on loopback is used' }
  const { mqtt } = config
  const result = await check(
    'broker',
    () => probeBroker({ ...mqttOptionsOf(mqtt), telemetry: { emit: () => {} } }),
    protocol => `MQTT ${protocol === 5 ? '5' : '3.1.1'}`,
  )
  return result.check
}

function describeFfmpeg({ path, version, warning }: Ffmpeg): string {
  return `${version.major}.${version.minor} at ${path}${warning ? `. ${warning}` : ''}`
}

function describeModel({ name, variant }: Awaited<ReturnType<typeof resolveModel>>): string {
  return `${name} ${variant.variant}, ${(variant.bytes / 1e6).toFixed(1)} MB, sha256 ${variant.sha256.slice(0, 12)}…`
}

function describeStream({ codec, width, height, fps, keyframeIntervalMs }: Probed): string {
  const rate = fps === null ? 'one frame' : `${fps.toFixed(1)} fps`
  const keys =
    keyframeIntervalMs === null
      ? 'no second keyframe seen'
      : `a keyframe every ${(keyframeIntervalMs / 1000).toFixed(1)} s`
  return `${codec} ${width}x${height}, ${rate}, ${keys}`
}
