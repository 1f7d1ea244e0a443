/** `watchword completion`: prints a shell completion script, generated from the commands. */

import { Argument, type Command } from 'commander'
import { bashCompletion } from './completion/bashCompletion.ts'
import { type CompletionNode, completionTree } from './completion/completionTree.ts'
import { fishCompletion } from './completion/fishCompletion.ts'
import { zshCompletion } from './completion/zshCompletion.ts'

const SHELLS: Readonly<Record<string, (tree: CompletionNode) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

export function register(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
Examples:
  $ watchword completion bash > /etc/bash_completion.d/watchword
  $ watchword completion zsh > "\${fpath[1]}/_watchword"
  $ watchword completion fish > ~/.config/fish/completions/watchword.fish`,
    )
    .action((name: string) => {
      process.stdout.write(SHELLS[name]?.(completionTree(program)) ?? '')
    })
}
