/** `watchword models`: which there are, fetch one, look at it, check it, remove it. */

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { findModelDir, listModels, removeModel } from '../models/listModels.ts'
import { BUNDLED } from '../models/locateModel.ts'
import { readModelCard } from '../models/modelCard.ts'
import { openHub } from '../models/openHub.ts'
import { pulledDir, pullModel } from '../models/pullModel.ts'
import { readCatalog } from '../models/readCatalog.ts'
import { readVariantCard } from '../models/variantCard.ts'
import { type FileCheck, listVariants, verifyCheckpoint, verifyModel } from '../models/verifyModel.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { didYouMeanHint, nearest } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { checksTable, infoText, listTable, megabytes } from './models/printModels.ts'
import { type Output, showProgress } from './models/showDownload.ts'

/** What the command needs of the process. */
export interface Surroundings {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

interface Options {
  readonly json?: true
  readonly dataDir?: string
}

export function register(program: Command, surroundings: Surroundings = process): void {
  const { stdout, env } = surroundings
  const models = program.command('models').description('list, pull, look at, verify and remove models')
  const add = (usage: string, description: string, example: string) =>
    models
      .command(usage)
      .description(description)
      .option('--json', 'print JSON')
      .option('--data-dir <dir>', 'where models live (default: $WATCHWORD_DATA, else the platform’s own place)')
      .addHelpText('after', `\nExample:\n  $ watchword models ${example}`)
  const placesOf = async ({ dataDir }: Options) => ({
    dataDir: dataDirectory(dataDir ?? env.WATCHWORD_DATA),
    catalog: await readCatalog(),
  })
  const print = ({ json }: Options, value: unknown, text: string) =>
    stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`)

  add('list', 'the bundled model, those that are here, those that can be pulled', 'list').action(
    async (options: Options) => {
      const list = await listModels(await placesOf(options))
      print(options, list, listTable(list))
    },
  )

  add('pull <name>', 'fetch a model; an interrupted one goes on', 'pull clip-vit-base-patch32').action(
    async (name: string, options: Options) => {
      const { dataDir, catalog } = await placesOf(options)
      const entry = Object.hasOwn(catalog, name) ? catalog[name] : undefined
      if (entry === undefined) throw notPullable(name, Object.keys(catalog))
      const hub = openHub(env)
      const progress = showProgress(surroundings.stderr)
      try {
        const onWait = () => surroundings.stderr.write(`Waiting for another process, which is pulling ${name}\n`)
        const dir = await pullModel({ name, entry, dataDir, hub, onProgress: progress.show, onWait })
        progress.end()
        print(
          options,
          { name, dir, revision: entry.revision },
          `${name} is here: ${dir}\nUse it with model.name: ${name}`,
        )
      } finally {
        progress.end()
        await hub.close()
      }
    },
  )

  add('info [model]', 'a model’s card and its variants', 'info demo').action(
    async (model: string = BUNDLED, options: Options) => {
      const dir = await modelDir(model, await placesOf(options))
      const names = await listVariants(dir)
      const variants = await Promise.all(names.map(name => readVariantCard(dir, name)))
      const card = await readModelCard(dir)
      print(options, { dir, card, variants }, infoText(dir, card, variants))
    },
  )

  add('verify [model]', 'hash every file of a model, or of all that are here', 'verify').action(
    async (model: string | undefined, options: Options) => {
      const places = await placesOf(options)
      const names = model === undefined ? (await listModels(places)).map(({ name }) => name) : [model]
      const results = (await Promise.all(names.map(name => verified(name, places)))).flat()
      if (model !== undefined && results.length === 0) await modelDir(model, places)
      const tables = results.map(({ dir, files }) => checksTable(dir, files))
      print(options, results, tables.join('\n\n') || NOTHING_HERE)
      const bad = results.flatMap(({ files }) =>
        files.filter(({ state }) => state === 'missing' || state === 'corrupt'),
      )
      if (bad.length > 0) throw damaged(bad.length)
    },
  )

  add('rm <name>', 'remove what was pulled or made under a name', 'rm clip-vit-base-patch32').action(
    async (name: string, options: Options) => {
      const freedBytes = await removeModel(name, await placesOf(options))
      print(options, { name, freedBytes }, `${name} is gone: ${megabytes(freedBytes)} freed`)
    },
  )
}

const NOTHING_HERE =
  'No model is here to verify: `watchword models pull NAME` fetches one, the bundled one is made when it is first used'

type Places = { readonly dataDir: string; readonly catalog: Awaited<ReturnType<typeof readCatalog>> }

interface Verified {
  readonly dir: string
  readonly files: readonly FileCheck[]
}

/** The checkpoint that was pulled and the ONNX files: what there is of a model. */
async function verified(name: string, places: Places): Promise<Verified[]> {
  const entry = Object.hasOwn(places.catalog, name) ? places.catalog[name] : undefined
  const dir = entry === undefined ? null : pulledDir(places.dataDir, name, entry)
  if (dir !== null && !existsSync(dir)) return []
  const made = await findModelDir(name, places)
  const pulled =
    entry?.form === 'checkpoint' && dir !== null ? [{ dir, files: verifyCheckpoint(dir, entry.files) }] : []
  return made === null ? pulled : [...pulled, { dir: made, files: await verifyModel(made) }]
}

async function modelDir(model: string, places: Places): Promise<string> {
  const dir = await findModelDir(model, places)
  if (dir !== null) return dir
  throw new WatchwordError(`The ONNX files of ${model} are not made yet`, {
    code: 'model-not-made',
    hint: 'They are made when it is first used: `watchword run`, `detect` or `optimize`',
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
  return new WatchwordError(`${count === 1 ? 'One file is' : `${count} files are`} missing or not what it should be`, {
    code: 'model-file-corrupt',
    hint: 'Remove the model with `watchword models rm`, then pull or make it again',
  })
}
