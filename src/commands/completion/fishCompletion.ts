/** Generates the completion script for fish. */

import { type CompletionNode, type CompletionOption, eachCommand } from './completionTree.ts'

export function fishCompletion(tree: CompletionNode): string {
  const lines = eachCommand(tree).flatMap(({ path, node }) => {
    const names = path.split(' ').slice(1)
    const line = (...rest: string[]) =>
      `complete -c ${tree.name} -n ${quotedForFish(condition(names, node))} ${rest.join(' ')}`
    return [
      ...node.commands.map(each => line('-f', '-a', each.name, '-d', quotedForFish(each.description))),
      ...(node.choices.length > 0 ? [line('-f', '-a', quotedForFish(node.choices.join(' ')))] : []),
      ...node.options.map(option => line(...optionParts(option))),
    ]
  })
  return `# fish completion for ${tree.name}, made by \`${tree.name} completion fish\`
complete -c ${tree.name} -f -n '__fish_use_subcommand'
${lines.join('\n')}
`
}

/** True where this command has been typed, and none below it. */
function condition(names: readonly string[], node: CompletionNode): string {
  const below = node.commands.map(({ name }) => name).join(' ')
  const typed = names.map(name => `__fish_seen_subcommand_from ${name}`)
  const open = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`]
  return [...typed, ...open].join('; and ') || '__fish_use_subcommand'
}

function optionParts({ flag, description, takesValue, choices }: CompletionOption): string[] {
  const value = choices.length > 0 ? ['-x', '-a', quotedForFish(choices.join(' '))] : ['-r']
  return ['-l', flag.replace(/^--/, ''), '-d', quotedForFish(description), ...(takesValue ? value : [])]
}

/** Between single quotes fish reads backslashes and quotes only. */
function quotedForFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
