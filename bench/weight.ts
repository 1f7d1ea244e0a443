/** What a production install weighs on disk: as npm makes it, and without what only other platforms need. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFolder } from '../test/support/openFolder.ts'
import type { Measurement } from './report.ts'

const SHOWN = 8

/** `npm pack`, then `npm install` of the package in an empty folder. Needs the registry. */
export function benchWeight(): Measurement {
  const { path: folder, remove } = openFolder('watchword-bench-')
  try {
    const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ filename, size }] = JSON.parse(packed) as [{ filename: string; size: number }]
    const install = (name: string, ...options: string[]) => {
      const app = join(folder, name)
      mkdirSync(app)
      writeFileSync(join(app, 'package.json'), '{}')
      const args = ['install', '--no-fund', '--no-audit', ...options, join(folder, filename)]
      execFileSync('npm', args, { cwd: app, stdio: 'ignore' })
      return join(app, 'node_modules')
    }
    const whole = megabytes(install('whole', '--ignore-scripts'))
    const modules = install('app')
    const total = megabytes(modules)
    const heaviest = heaviestOf(modules)
    execFileSync(process.execPath, ['scripts/removeForeignBinaries.mjs', modules])
    const slim = megabytes(modules)
    return {
      name: 'weight',
      title: 'What an install weighs',
      method:
        'The packed package installed by npm into an empty folder (`du -sm node_modules`): with `--ignore-scripts`; as users install it (a script removes onnxruntime’s libraries for other systems); then without the fallback ffmpegs, as the image has it.',
      columns: ['what', 'MB', 'target'],
      rows: [
        ['the packed package', (size / 1e6).toFixed(1), ''],
        ['with `--ignore-scripts`', whole, ''],
        ['production install', total, '≤ 430'],
        ['in the image', slim, '≤ 220'],
        ...heaviest.map(([name, weight]) => [`of which \`${name}\``, weight, '']),
      ],
      notes: [],
    }
  } finally {
    remove()
  }
}

function megabytes(path: string): number {
  return Number(execFileSync('du', ['-sm', path], { encoding: 'utf8' }).split('\t')[0])
}

/** Packages by weight, the heaviest first. */
function heaviestOf(modules: string): [name: string, megabytes: number][] {
  const lines = execFileSync('sh', ['-c', 'du -sm -- [!@]* @*/*'], { cwd: modules, encoding: 'utf8' })
    .trim()
    .split('\n')
  return lines
    .map((line): [string, number] => {
      const [weight, name = ''] = line.split('\t')
      return [name, Number(weight)]
    })
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
}
