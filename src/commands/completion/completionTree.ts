/** Collects the names, options and values of all commands for the shell completions. */

import type { Command } from 'commander'

export interface CompletionOption {
  /** `--json` */
  readonly flag: string
  readonly description: string
  /** Whether a value follows. */
  readonly takesValue: boolean
  /** The only values that it may take; empty: any, completed as a file name. */
  readonly choices: readonly string[]
}

export interface CompletionNode {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletionOption[]
  readonly commands: readonly CompletionNode[]
  /** Whether it takes arguments that are no command; without choices they are completed as file names. */
  readonly takesArguments: boolean
  readonly choices: readonly string[]
}

export function completionTree(command: Command): CompletionNode {
  const { options, commands, registeredArguments } = command
  return {
    name: command.name(),
    description: firstLine(command.description()),
    options: [
      ...options
        .filter(({ long }) => long !== undefined && long !== null)
        .map(({ long, description, required, optional, argChoices }) => ({
          flag: long as string,
          description: firstLine(description),
          takesValue: required || optional,
          choices: argChoices ?? [],
        })),
      { flag: '--help', description: 'display help for command', takesValue: false, choices: [] },
    ],
    commands: commands.map(completionTree),
    takesArguments: registeredArguments.length > 0,
    choices: registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }
}

/** Every command with the names that lead to it, the program first: `watchword`, `watchword models`, … */
export function eachCommand(
  tree: CompletionNode,
  before: readonly string[] = [],
): { path: string; node: CompletionNode }[] {
  const names = [...before, tree.name]
  return [{ path: names.join(' '), node: tree }, ...tree.commands.flatMap(each => eachCommand(each, names))]
}

/** Between single quotes: no shell reads anything in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
