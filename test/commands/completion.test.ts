/** The completion scripts, in real shells. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { bashCompletion } from '../../src/commands/completion/bashCompletion.ts'
import { completionTree } from '../../src/commands/completion/completionTree.ts'
import { fishCompletion } from '../../src/commands/completion/fishCompletion.ts'
import { zshCompletion } from '../../src/commands/completion/zshCompletion.ts'
import { register as registerCompletion } from '../../src/commands/completion.ts'
import { register as registerDemo } from '../../src/commands/demo.ts'
import { register as registerModels } from '../../src/commands/models.ts'
import { register as registerRun } from '../../src/commands/run.ts'
import { which } from '../support/mosquitto.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const program = new Command('watchword').version('1.2.3')
for (const register of [registerRun, registerModels, registerDemo, registerCompletion]) register(program)
const tree = completionTree(program)

const missing = ['bash', 'zsh', 'fish'].filter(shell => !which(shell))
if (missing.length > 0) console.warn(`SKIPPED: completion of ${missing.join(', ')}: not installed`)

/** A folder with two files, one with a space in its name. */
function folderWithFiles(): string {
  const folder = temporaryFolder()
  for (const name of ['yard cam.mp4', 'yard.yaml']) writeFileSync(join(folder, name), '')
  return folder
}

describe.skipIf(!which('bash'))('bash', () => {
  /** @param line what is typed; the last word is completed */
  function complete(line: string, cwd = folderWithFiles()): string[] {
    const words = line.split(' ')
    const script = `${bashCompletion(tree)}
      COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      _watchword; for each in "\${COMPREPLY[@]}"; do echo "$each"; done`
    const output = execFileSync('bash', ['--norc', '-c', script], { cwd, encoding: 'utf8' })
    return output.split('\n').filter(Boolean).sort()
  }

  it.each([
    ['watchword ', ['completion', 'demo', 'models', 'run']],
    ['watchword mo', ['models']],
    ['watchword --v', ['--version']],
    ['watchword models ', ['check', 'info', 'list', 'pull', 'rm', 'verify']],
    ['watchword models li', ['list']],
    ['watchword models list --d', ['--data-dir']],
    ['watchword demo --weather ', ['clear', 'cycle', 'fog', 'rain']],
    ['watchword demo --weather f', ['fog']],
    ['watchword completion ', ['bash', 'fish', 'zsh']],
    ['watchword run y', ['yard cam.mp4', 'yard.yaml']],
    ['watchword demo --render y', ['yard cam.mp4', 'yard.yaml']],
    ['watchword run nothing', []],
  ])('%s', (line, expected) => {
    expect(complete(line)).toEqual(expected)
  })

  it('offers every option of a command', () => {
    const flags = tree.commands.find(({ name }) => name === 'demo')?.options.map(({ flag }) => flag)
    expect(complete('watchword demo --')).toEqual([...(flags ?? [])].sort())
  })
})

describe.skipIf(!which('fish'))('fish', () => {
  function complete(line: string): string[] {
    const folder = folderWithFiles()
    writeFileSync(join(folder, 'script.fish'), fishCompletion(tree))
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
    const command = `source script.fish; complete -C '${line}'`
    const output = execFileSync('fish', ['--no-config', '-c', command], { cwd: folder, env, encoding: 'utf8' })
    return output
      .split('\n')
      .map(each => each.split('\t')[0] ?? '')
      .filter(Boolean)
      .sort()
  }

  it.each([
    ['watchword mo', ['models']],
    ['watchword models l', ['list']],
    ['watchword demo --weather f', ['fog']],
    ['watchword completion z', ['zsh']],
    ['watchword models list --d', ['--data-dir']],
  ])('%s', (line, expected) => {
    expect(complete(line)).toEqual(expected)
  })
})

describe.skipIf(!which('zsh'))('zsh', () => {
  it('defines every function that the script calls, and loads as a completion', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'functions'))
    writeFileSync(join(folder, 'functions', '_watchword'), zshCompletion(tree))
    const script = `fpath=(${folder}/functions $fpath); autoload -Uz compinit; compinit -u -d ${folder}/dump
      print -r -- $_comps[watchword]; _arguments() { print -r -- "$@" }; _watchword
      functions _watchword_models_list > /dev/null && print defined`
    const output = execFileSync('zsh', ['-f', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    })
    expect(output.split('\n')[0]).toBe('_watchword')
    expect(output).toContain('--version[')
    expect(output).toContain('defined')
  })
})
