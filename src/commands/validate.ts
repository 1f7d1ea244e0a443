/** `watchword validate`: tries the config, the model, every camera and the broker; the exit code is 1 if one fails. */

import type { Command } from 'commander'
import { type LoadedConfig, loadConfig } from '../config/loadConfig.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { resolveModel } from '../models/resolveModel.ts'
import { probeBroker } from '../sinks/mqtt/probeBroker.ts'
import { type Ffmpeg, findFfmpeg } from '../sources/ffmpeg/findFfmpeg.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { createRedactor } from '../util/redactor.ts'
import { clipModelBuilder, variantName } from './clipModelBuilder.ts'
import { CONFIG_ARGUMENT, configPath } from './configPath.ts'
import { mqttOptionsOf } from './mqttOptionsOf.ts'
import { openTexts } from './openTexts.ts'
import { adviceFor } from './validate/adviceFor.ts'
import { adviceText } from './validate/adviceText.ts'
import { checkCamera } from './validate/checkCamera.ts'
import { lazyDemo } from './validate/lazyDemo.ts'
import { makeWritable } from './writeFiles.ts'

type Config = LoadedConfig['config']

interface Check {
  readonly what: string
  readonly ok: boolean
  /** The result of the check, or the error. */
  readonly found: string
  /** It succeeded, and something can be better. */
  readonly isAdvice?: true
}

interface ValidateOptions {
  readonly outputDir?: string
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ watchword validate
  $ watchword validate home.yaml --json
  $ watchword validate home.yaml --output-dir zones`

export function register(program: Command): void {
  program
    .command('validate')
    .description('try a config: the file, the model, every camera and the broker')
    .argument('[config]', CONFIG_ARGUMENT)
    .option('--output-dir <dir>', 'write an image of each camera with its zones and masks to this directory')
    .option('--json', 'print the checks as JSON')
    .addHelpText('after', EXAMPLES)
    .action(validate)
}

async function validate(given: string | undefined, { json, outputDir }: ValidateOptions): Promise<void> {
  const path = configPath(given)
  if (outputDir !== undefined) await makeWritable(outputDir)
  const load = async () => loadConfig(path, { library: readLibrary(), env: process.env })
  const loaded = json ? await check('config', load, ({ path: file }) => file) : { value: await load(), check: null }
  const { value } = loaded
  const checks: Check[] = []
  for await (const each of value === null ? [loaded.check as Check] : allChecks(value, outputDir ?? null)) {
    checks.push(each)
    if (!json)
      process.stdout.write(
        `${each.isAdvice ? 'hint' : each.ok ? 'ok  ' : 'FAIL'}  ${each.what.padEnd(20)}  ${each.found}\n`,
      )
  }
  if (json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
  if (checks.some(({ ok }) => !ok)) process.exitCode = 1
}

/** Runs all checks concurrently and yields them in order, because an unreachable camera takes long. */
async function* allChecks({ config, path, secrets }: LoadedConfig, outputDir: string | null): AsyncGenerator<Check> {
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
  const demo = lazyDemo(config.cameras)
  const camera = async (name: string) => {
    const attempt = async () => checkCamera(name, config, { ffmpeg: (await ffmpeg).value, redact, outputDir, demo })
    return (await check(`camera ${name}`, attempt, found => found)).check
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
    ...Object.keys(config.cameras).map(camera),
    checkBroker(config),
  ]
  try {
    let failed = false
    for (const each of waiting)
      for (const { found, ...rest } of [await each].flat()) {
        failed ||= !rest.ok
        yield { ...rest, found: redact(found) }
      }
    if (!failed) yield* advice(config, dataDir)
  } finally {
    await demo.close()
  }
}

async function check<T>(what: string, attempt: () => Promise<T>, describe: (value: T) => string) {
  try {
    const value = await attempt()
    return { value, check: { what, ok: true, found: describe(value) } }
  } catch (error) {
    return { value: null, check: { what, ok: false, found: failureText(error) } }
  }
}

/** What could be better about the phrases. Phrases that cannot be encoded fail the check. */
async function* advice({ model, events }: Config, dataDir: string): AsyncGenerator<Check> {
  const attempt = async () => {
    const engine = await openTexts(model, { dataDir, telemetry: { emit: () => {} }, onStep: () => {} })
    return adviceFor(events, await engine.texts(events), engine.model)
  }
  const { value, check: failed } = await check('phrases', attempt, () => '')
  if (value === null) yield failed
  for (const finding of value ?? [])
    yield { what: `event ${finding.event}`, ok: true, found: adviceText(finding), isAdvice: true }
}

/** The error and its hint on one line. */
function failureText(error: unknown): string {
  const hint = error instanceof WatchwordError ? error.hint : null
  return hint ? `${messageOf(error).replace(/\.$/, '')}. ${hint}` : messageOf(error)
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
