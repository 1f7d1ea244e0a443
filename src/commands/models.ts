/** `watchword models`: list, pull, inspect, verify and remove models. */

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { findModelDir, listModels, removeModel } from '../models/listModels.ts'
import { BUNDLED } from '../models/locateModel.ts'
import { readModelCard } from '../models/modelCard.ts'
import { openHub } from '../models/openHub.ts'
import { pinsPath, readKnownPins } from '../models/pins.ts'
import { pulledDir, pullModel } from '../models/pullModel.ts'
import { readCatalog } from '../models/readCatalog.ts'
import { readVariantCard } from '../models/variantCard.ts'
import { type FileCheck, listVariants, verifyCheckpoint, verifyModel } from '../models/verifyModel.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { didYouMeanHint, nearest } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { checkModel } from './models/checkModel.ts'
import { checkText } from './models/checkText.ts'
import { checksTable, infoText, listTable, megabytes } from './models/printModels.ts'
import { type Output, showDownload } from './models/showDownload.ts'

/** The parts of the process that the command uses. */
export interface CommandEnvironment {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

interface Options {
  readonly json?: true
  readonly dataDir?: string
}

interface PullOptions extends Options {
  readonly acceptLicense?: string
}

interface CheckOptions extends Options {
  readonly images?: string
}

export function register(program: Command, environment: CommandEnvironment = process): void {
  const models = program.command('models').description('list, pull, inspect, verify and remove models')
  const add = (usage: string, description: string, example: string) =>
    models
      .command(usage)
      .description(description)
      .option('--json', 'print JSON')
      .option('--data-dir <dir>', 'directory of models (default: $WATCHWORD_DATA, else the platform’s data directory)')
      .addHelpText('after', `\nExample:\n  $ watchword models ${example}`)

  add('list', 'list the bundled model, the models on this machine, and those that can be pulled', 'list').action(
    (options: Options) => list(options, environment),
  )
  add('pull <name>', 'download a model (resumes an interrupted download)', 'pull clip-vit-b-32-256-datacomp')
    .option('--accept-license <licence>', 'accept this licence, for models whose licence forbids some uses')
    .action((name: string, options: PullOptions) => pull(name, options, environment))
  add('info [model]', 'show a model’s card and its variants', 'info demo').action(
    (model: string | undefined, options: Options) => info(model ?? BUNDLED, options, environment),
  )
  add('verify [model]', 'verify the hashes of a model’s files, or of all models on this machine', 'verify').action(
    (model: string | undefined, options: Options) => verify(model, options, environment),
  )
  add('check <model>', 'compare a model with its published numbers, and its words with each other', 'check demo')
    .option('--images <dir>', 'folder with images that may not be shipped: COCO’s 000000039769.jpg')
    .action((model: string, options: CheckOptions) => check(model, options, environment))
  add('rm <name>', 'remove the downloaded and exported files of a model', 'rm clip-vit-b-32-256-datacomp').action(
    (name: string, options: Options) => remove(name, options, environment),
  )
}

async function list(options: Options, environment: CommandEnvironment): Promise<void> {
  const listings = await listModels(await placesOf(options, environment))
  print(environment, options, { json: listings, text: listTable(listings) })
}

async function pull(name: string, options: PullOptions, environment: CommandEnvironment): Promise<void> {
  const { stderr, env } = environment
  const { dataDir, catalog } = await placesOf(options, environment)
  const entry = Object.hasOwn(catalog, name) ? catalog[name] : undefined
  if (entry === undefined) throw notPullable(name, Object.keys(catalog))
  const hub = openHub(env)
  const progress = showDownload(stderr)
  try {
    const onWait = () => stderr.write(`Waiting for another process, which is pulling ${name}\n`)
    const accepted = options.acceptLicense === undefined ? {} : { acceptedLicense: options.acceptLicense }
    const task = { name, entry, dataDir, hub, onProgress: progress.show, onWait, ...accepted }
    const { dir, revision } = await pullModel(task)
    progress.end()
    const text = `Pulled ${name} to ${dir}\nUse it with model.name: ${name}`
    print(environment, options, { json: { name, dir, revision }, text })
  } finally {
    progress.end()
    await hub.close()
  }
}

async function info(model: string, options: Options, environment: CommandEnvironment): Promise<void> {
  const dir = await modelDir(model, await placesOf(options, environment))
  const variants = await Promise.all((await listVariants(dir)).map(name => readVariantCard(dir, name)))
  const card = await readModelCard(dir)
  print(environment, options, { json: { dir, card, variants }, text: infoText(dir, card, variants) })
}

async function verify(model: string | undefined, options: Options, environment: CommandEnvironment): Promise<void> {
  const places = await placesOf(options, environment)
  const names = model === undefined ? (await listModels(places)).map(({ name }) => name) : [model]
  const results = (await Promise.all(names.map(name => verified(name, places)))).flat()
  if (model !== undefined && results.length === 0) await modelDir(model, places)
  const tables = results.map(({ dir, files }) => checksTable(dir, files))
  print(environment, options, { json: results, text: tables.join('\n\n') || NOTHING_TO_VERIFY })
  const bad = results.flatMap(({ files }) => files.filter(({ state }) => state === 'missing' || state === 'corrupt'))
  if (bad.length > 0) throw damaged(bad.length)
}

async function check(model: string, options: CheckOptions, environment: CommandEnvironment): Promise<void> {
  const places = await placesOf(options, environment)
  const onStep = (step: string) => environment.stderr.write(`${step}\n`)
  const images = options.images === undefined ? {} : { images: options.images }
  const report = await checkModel(model, { places, onStep, ...images })
  print(environment, options, { json: report, text: checkText(report) })
  if (report.passed) return
  throw new WatchwordError(`${report.name} does not give the numbers or the words that were expected`, {
    code: 'model-check-failed',
    hint: 'Verify its files with `watchword models verify`; if they are whole, please report the output',
  })
}

async function remove(name: string, options: Options, environment: CommandEnvironment): Promise<void> {
  const freedBytes = await removeModel(name, await placesOf(options, environment))
  print(environment, options, { json: { name, freedBytes }, text: `Removed ${name} (${megabytes(freedBytes)})` })
}

async function placesOf({ dataDir }: Options, { env }: CommandEnvironment): Promise<Places> {
  return { dataDir: dataDirectory(dataDir ?? env.WATCHWORD_DATA), catalog: await readCatalog() }
}

function print({ stdout }: CommandEnvironment, { json }: Options, result: { json: unknown; text: string }): void {
  stdout.write(json ? `${JSON.stringify(result.json, null, 2)}\n` : `${result.text}\n`)
}

const NOTHING_TO_VERIFY =
  'There is no model to verify: `watchword models pull NAME` downloads one, and the bundled one is exported on first use'

type Places = { readonly dataDir: string; readonly catalog: Awaited<ReturnType<typeof readCatalog>> }

interface Verified {
  readonly dir: string
  readonly files: readonly FileCheck[]
}

/** Checks of a model's files: the pulled checkpoint and the ONNX files, as far as they exist. */
async function verified(name: string, places: Places): Promise<Verified[]> {
  const entry = Object.hasOwn(places.catalog, name) ? places.catalog[name] : undefined
  const dir = entry === undefined ? null : pulledDir(places.dataDir, name, entry)
  if (dir !== null && !existsSync(dir)) return []
  const made = await findModelDir(name, places)
  const pins = entry?.form === 'checkpoint' ? await readKnownPins(entry, pinsPath(places.dataDir, name)) : null
  const pulled = pins === null || dir === null ? [] : [{ dir, files: verifyCheckpoint(dir, pins.files) }]
  return made === null ? pulled : [...pulled, { dir: made, files: await verifyModel(made) }]
}

async function modelDir(model: string, places: Places): Promise<string> {
  const dir = await findModelDir(model, places)
  if (dir !== null) return dir
  throw new WatchwordError(`The ONNX files of ${model} do not exist yet`, {
    code: 'model-not-made',
    hint: 'They are made on first use of the model: `watchword run`, `detect` or `optimize`',
  })
}

function notPullable(name: string, known: readonly string[]): WatchwordError {
  return new WatchwordError(`Expected one of ${known.join(', ')}, got ${name}`, {
    code: 'model-unknown',
    hint:
      nearest(name, known) === null
        ? 'Any other CLIP checkpoint works as a folder: model.name: /path/to/it'
        : didYouMeanHint(name, known),
  })
}

function damaged(count: number): WatchwordError {
  return new WatchwordError(`${count === 1 ? 'One file is' : `${count} files are`} missing or damaged`, {
    code: 'model-file-corrupt',
    hint: 'Remove the model with `watchword models rm`, then pull or make it again',
  })
}
