/** Generates the completion script for zsh. */

import { type CompletionNode, type CompletionOption, quoted } from './completionTree.ts'

export function zshCompletion(tree: CompletionNode): string {
  return `#compdef ${tree.name}
# zsh completion for ${tree.name}, made by \`${tree.name} completion zsh\`
${functions(tree, '')}
_${tree.name} "$@"
`
}

/** One function a command; the ones below it are called by name. */
function functions(node: CompletionNode, before: string): string {
  const name = `${before}_${node.name}`
  const specs = node.options.map(optionSpec)
  const rest = node.commands.length > 0 ? [quoted('1: :->command'), quoted('*:: :->rest')] : [argumentSpec(node)]
  const own = `${name}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C ${[...specs, ...rest].filter(Boolean).join(' \\\n    ')}
${node.commands.length > 0 ? dispatch(node, name) : ''}}
`
  return [own, ...node.commands.map(each => functions(each, name))].join('\n')
}

function dispatch(node: CompletionNode, name: string): string {
  const described = node.commands.map(each => quoted(`${each.name}:${each.description}`)).join(' ')
  const cases = node.commands.map(each => `      ${each.name}) ${name}_${each.name} ;;`).join('\n')
  return `  case $state in
  command)
    local -a commands=(${described})
    _describe command commands ;;
  rest)
    case $line[1] in
${cases}
    esac ;;
  esac
`
}

function optionSpec({ flag, description, takesValue, choices }: CompletionOption): string {
  const value = choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files'
  return quoted(`${flag}[${escaped(description)}]${takesValue ? value : ''}`)
}

function argumentSpec({ takesArguments, choices }: CompletionNode): string {
  if (!takesArguments) return ''
  return quoted(choices.length > 0 ? `1:argument:(${choices.join(' ')})` : '*:file:_files')
}

/** What `_arguments` would read as the end of a description. */
function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, match => `\\${match}`)
}
