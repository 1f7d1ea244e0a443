/** Generates the completion script for bash; it does not need the bash-completion package. */

import { type CompletionNode, eachCommand, quoted } from './completionTree.ts'

export function bashCompletion(tree: CompletionNode): string {
  const commands = eachCommand(tree)
  const withValues = commands.flatMap(({ path, node }) =>
    node.options.filter(({ takesValue }) => takesValue).map(option => ({ path, option })),
  )
  const words = commands.map(({ path, node }) => {
    const offered = [...node.commands.map(({ name }) => name), ...node.choices]
    const flags = node.options.map(({ flag }) => flag)
    const files = node.takesArguments && node.choices.length === 0 ? 1 : 0
    return `    ${quoted(path)}) words=${quoted(offered.join(' '))} flags=${quoted(flags.join(' '))} files=${files} ;;`
  })
  const paths = commands.slice(1).map(({ path }) => quoted(path))
  const values = withValues.map(
    ({ path, option }) =>
      `    ${quoted(`${path} ${option.flag}`)}) takes=1 words=${quoted(option.choices.join(' '))} ;;`,
  )
  return `# bash completion for ${tree.name}, made by \`${tree.name} completion bash\`
_${tree.name}() {
  local IFS=$' \\t\\n'
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path=${quoted(tree.name)} words='' flags='' files=0 takes=0 word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
    ${paths.join(' | ')}) path="$path $word" ;;
    esac
  done
  case "$path $previous" in
${values.join('\n')}
  esac
  COMPREPLY=()
  if [ "$takes" = 1 ]; then
    if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
    else IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); fi
    return
  fi
  case "$path" in
${words.join('\n')}
  esac
  if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [ "$files" = 1 ]; then IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current"))
  else COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -o filenames -F _${tree.name} ${tree.name}
`
}
