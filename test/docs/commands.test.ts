/** docs/commands.md is what the commands say of themselves. After a change: `npx vitest run test/docs/commands.test.ts -u`. */

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { expect, test } from 'vitest'

type Register = (program: Command) => void

const FOLDER = new URL('../../src/commands/', import.meta.url)
/** Files with a command, by their name. */
const files = readdirSync(FOLDER)
  .filter(name => name.endsWith('.ts'))
  .filter(name => readFileSync(new URL(name, FOLDER), 'utf8').includes('export function register('))

async function program(): Promise<Command> {
  const made = new Command('watchword')
  for (const name of files) ((await import(new URL(name, FOLDER).href)) as { register: Register }).register(made)
  return made
}

function describeCommand(command: Command, path: string): string[] {
  const name = `${path} ${command.name()}`
  const args = command.registeredArguments.map(arg => (arg.required ? ` <${arg.name()}>` : ` [${arg.name()}]`))
  const rows = [
    ...command.registeredArguments.map(arg => [arg.name(), arg.description] as const),
    ...command.options.map(
      ({ flags, description, argChoices, defaultValue, defaultValueDescription }) =>
        [
          flags,
          [
            description,
            ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
            ...(defaultValue === undefined ? [] : [`default: ${defaultValueDescription ?? defaultValue}`]),
          ]
            .filter(Boolean)
            .join('; '),
        ] as const,
    ),
  ]
  const table = rows.map(([what, means]) => `| \`${what}\` | ${means.replaceAll('|', '\\|')} |`)
  return [
    `## \`${name}${args.join('')}\``,
    `${command.description()}.`,
    ...(table.length > 0 ? ['', '| | |', '|---|---|', ...table] : []),
    '',
    ...command.commands.flatMap(each => describeCommand(each, name)),
  ]
}

test('docs/commands.md has every command, argument and option', async () => {
  const { commands } = await program()
  const page = [
    '# Commands',
    'Written by `test/docs/commands.test.ts` from the commands. `watchword COMMAND --help` shows the same with examples.',
    '',
    'Exit codes: 0 done, 1 failed with one line that says why ([errors](errors.md)), 2 wrong usage.',
    '',
    ...commands.flatMap(command => describeCommand(command, 'watchword')),
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../../docs/commands.md')
})

test('the command line has every command', async () => {
  const main = fileURLToPath(new URL('../main.ts', FOLDER))
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', main, '--help'])
  const listed = [...(stdout.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name)
  const { commands } = await program()
  expect(listed.filter(name => name !== 'help').sort()).toEqual(commands.map(command => command.name()).sort())
})
