// Executes what can be executed of the Dockerfile without a container engine: the build stage in a folder of its own,
// the COPY lines of the last stage, then the program. Fails when the install is heavier than the image may carry.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAX_INSTALL_MB = 220
const LIMIT = 600_000
const work = mkdtempSync(join(tmpdir(), 'watchword-image-'))
/** A path inside the stage, as a path on this machine. */
const at = (stage, directory, path) => join(work, stage, path.startsWith('/') ? path : join(directory, path))

/** @returns the stages with their instructions; continued lines are joined, comments are left out */
function parse(text) {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
  const stages = []
  for (const line of lines) {
    const [instruction, ...rest] = line.split(/\s+/)
    if (instruction === 'FROM') stages.push({ name: rest[2] ?? 'final', steps: [] })
    else stages.at(-1)?.steps.push({ instruction, text: rest.join(' '), words: rest })
  }
  return stages
}

function executeStage({ name, steps }, runs) {
  let directory = '/'
  for (const { instruction, text, words } of steps) {
    if (instruction === 'WORKDIR') {
      directory = text
      mkdirSync(at(name, '/', directory), { recursive: true })
    }
    if (instruction === 'COPY') copy(name, directory, words)
    if (instruction === 'RUN' && runs) {
      console.log(`     RUN ${text}`)
      execFileSync('sh', ['-c', text], { cwd: at(name, '/', directory), stdio: 'inherit', timeout: LIMIT })
    }
  }
}

function copy(stage, directory, words) {
  const from = /^--from=(\w+)$/.exec(words[0] ?? '')?.[1]
  const paths = from ? words.slice(1) : words
  const target = paths.at(-1) ?? '.'
  for (const source of paths.slice(0, -1)) {
    const path = from ? at(from, '/', source) : source
    const isFolderTarget = target.endsWith('/') || paths.length > 2
    const to = at(stage, directory, isFolderTarget ? join(target, source.split('/').at(-1)) : target)
    cpSync(path, to, { recursive: true, verbatimSymlinks: true })
  }
}

try {
  const stages = parse(readFileSync('Dockerfile', 'utf8'))
  const [build, final] = stages
  executeStage(build, true)
  // Its RUN installs Debian packages into the image.
  executeStage(final, false)
  const entry = JSON.parse(final.steps.find(({ instruction }) => instruction === 'ENTRYPOINT').text)
  const program = at(
    'final',
    '/',
    entry.find(word => word.startsWith('/app/')),
  )
  if (!existsSync(program)) throw new Error(`ENTRYPOINT names ${program}, which is not there`)
  const data = join(work, 'data')
  mkdirSync(data)
  const options = { cwd: data, encoding: 'utf8', env: { ...process.env, WATCHWORD_DATA: data }, timeout: LIMIT }
  console.log(`     version ${execFileSync(process.execPath, [program, '--version'], options).trim()}`)
  execFileSync(process.execPath, [program, 'demo', '--render', 'street.mp4', '--seconds', '4'], options)
  execFileSync(process.execPath, [program, 'detect', 'street.mp4', '--json'], options)
  const megabytes = Number(execFileSync('du', ['-sm', at('final', '/', '/app')], { encoding: 'utf8' }).split('\t')[0])
  console.log(`     the install takes ${megabytes} MB in the image, ${MAX_INSTALL_MB} MB are allowed`)
  if (megabytes > MAX_INSTALL_MB) throw new Error('The install is too heavy for the image')
} catch (error) {
  console.error(`FAIL ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
