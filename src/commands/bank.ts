/** `watchword bank`: list and clear what was learned from the cameras' own images. */

import { basename } from 'node:path'
import type { Command } from 'commander'
import { type BankFile, type BankFolder, bankFolder } from '../bank/bankFolder.ts'
import { cameraOf } from '../bank/bankKey.ts'
import { LIGHTS } from '../bank/reservoir.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { WatchwordError } from '../util/errors.ts'
import { lockDirectory } from '../util/lockDirectory.ts'
import { pluralize } from '../util/pluralize.ts'
import { writeError } from '../util/writeError.ts'
import { table } from './report/table.ts'

/** The parts of the process that the command uses. */
export interface BankEnvironment {
  readonly stdout: { write(text: string): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
}

interface Options {
  readonly json?: true
  readonly dataDir?: string
}

/** How long `clear` waits for the running Watchword; it looks every 3 s. */
const ANSWER_MS = 10_000
const POLL_MS = 200

const CAMERA = /^[a-z0-9][a-z0-9_-]*$/i

export function register(program: Command, environment: BankEnvironment = process): void {
  const bank = program.command('bank').description('list and clear what was learned from the cameras’ own images')
  const add = (usage: string, description: string, help: string) =>
    bank
      .command(usage, { isDefault: usage === 'list' })
      .description(description)
      .option('--json', 'print JSON')
      .option(
        '--data-dir <dir>',
        '`data_dir` of the config (default: $WATCHWORD_DATA, else the platform’s data directory)',
      )
      .addHelpText('after', help)

  add('list', 'list the banks: images by light, times, model', '\nExample:\n  $ watchword bank list').action(
    (options: Options) => list(options, environment),
  )
  add(
    'clear [camera]',
    'forget what was learned from a camera, or from all cameras',
    '\nFor a camera that was moved. Works while Watchword runs: it is asked to forget the camera, does so within\nseconds, and learns it again.\n\nExamples:\n  $ watchword bank clear front_door\n  $ watchword bank clear',
  ).action((camera: string | undefined, options: Options) => clear(camera ?? null, options, environment))
}

async function list(options: Options, environment: BankEnvironment): Promise<void> {
  const files = await bankFolder(dataDirOf(options, environment)).list()
  print(environment, options, { json: files.map(summaryOf), text: files.length === 0 ? NOTHING : listTable(files) })
}

async function clear(camera: string | null, options: Options, environment: BankEnvironment): Promise<void> {
  if (camera !== null && !CAMERA.test(camera))
    throw new WatchwordError(`Expected the name of a camera, got \`${camera}\``, { code: 'invalid-option' })
  const dataDir = dataDirOf(options, environment)
  const folder = bankFolder(dataDir)
  const what = camera === null ? 'all banks' : `the bank of ${camera}`
  try {
    const lock = await lockDirectory(dataDir)
    if (lock === null) {
      await askRunning(folder, camera)
      print(environment, options, { json: { camera, running: true }, text: `The running Watchword cleared ${what}` })
      return
    }
    const files = await folder.remove(camera).finally(lock.release)
    const text =
      files === 0 ? `There is nothing to clear in ${dataDir}` : `Cleared ${what}: ${pluralize(files, 'file')}`
    print(environment, options, { json: { camera, running: false, files }, text })
  } catch (error) {
    throw writeError(error, dataDir)
  }
}

/** @throws WatchwordError `data-in-use` when it does not answer */
async function askRunning(folder: BankFolder, camera: string | null): Promise<void> {
  await folder.request(camera)
  const isWaiting = async () => (await folder.requests()).includes(camera)
  for (let waited = 0; waited < ANSWER_MS; waited += POLL_MS) {
    if (!(await isWaiting())) return
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  throw new WatchwordError(`The running Watchword has not answered within ${ANSWER_MS / 1000} s`, {
    code: 'data-in-use',
    hint: 'It clears the bank as soon as its disk answers, or at its next start',
  })
}

const NOTHING = 'There is no bank yet: one begins with the first minutes of a camera, for a model that learns from it'

function summaryOf({ path, bytes, bank }: BankFile) {
  const camera = cameraOf(basename(path))
  if (typeof bank === 'string') return { camera, path, bytes, problem: bank }
  const { reservoir, sha256, variant, dim } = bank
  const times = reservoir.entries.map(({ at }) => at)
  return {
    camera: bank.camera,
    path,
    bytes,
    model_sha256: sha256,
    variant,
    dim,
    images: reservoir.counts,
    known: reservoir.known,
    oldest: times.length === 0 ? null : Math.min(...times) / 1000,
    newest: times.length === 0 ? null : Math.max(...times) / 1000,
  }
}

function listTable(files: readonly BankFile[]): string {
  const left = 'left' as const
  return table(
    [
      { title: 'camera', align: left, cell: row => row.camera },
      ...LIGHTS.map(light => ({
        title: light,
        cell: (row: Summary) => ('images' in row ? `${row.images[light]}` : '–'),
      })),
      { title: 'newest image', align: left, cell: row => ('newest' in row ? timeOf(row.newest) : (row.problem ?? '')) },
      { title: 'variant', align: left, cell: row => ('variant' in row ? row.variant : '–') },
      { title: 'model', align: left, cell: row => ('model_sha256' in row ? row.model_sha256.slice(0, 12) : '–') },
    ],
    files.map(summaryOf),
  )
}

type Summary = ReturnType<typeof summaryOf>

function timeOf(seconds: number | null): string {
  return seconds === null ? '–' : new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

function dataDirOf({ dataDir }: Options, { env }: BankEnvironment): string {
  return dataDirectory(dataDir ?? env.WATCHWORD_DATA)
}

function print({ stdout }: BankEnvironment, { json }: Options, result: { json: unknown; text: string }): void {
  stdout.write(json ? `${JSON.stringify(result.json, null, 2)}\n` : `${result.text}\n`)
}
