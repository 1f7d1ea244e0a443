/** A reader for the syntax of regular expressions, as far as it takes to write texts that a pattern nearly matches. */

export type RegexNode =
  | { readonly type: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly type: 'choice'; readonly options: readonly RegexNode[] }
  | { readonly type: 'repeat'; readonly item: RegexNode; readonly min: number }
  /** One character; the characters that stand for it in a text. Empty for `^`, `$`, `\b` and back references. */
  | { readonly type: 'character'; readonly samples: readonly string[] }

const CANDIDATES = [
  ...Array.from({ length: 95 }, (_, code) => String.fromCharCode(32 + code)),
  ...'\t\n\r\x85\u2028éſ一\u0301\0',
]

export function parseRegex(source: string, flags: string): RegexNode {
  let at = 0
  const parseChoice = (): RegexNode => {
    const options = [parseSequence()]
    while (source[at] === '|') {
      at++
      options.push(parseSequence())
    }
    return options.length === 1 ? (options[0] as RegexNode) : { type: 'choice', options }
  }
  const parseSequence = (): RegexNode => {
    const items: RegexNode[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') items.push(parseRepeat(parseItem()))
    return { type: 'sequence', items }
  }
  const parseRepeat = (item: RegexNode): RegexNode => {
    const [all, exact] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at, at + 20)) ?? []
    if (all === undefined) return item
    at += all.length
    return { type: 'repeat', item, min: all.startsWith('+') ? 1 : Number(exact ?? 0) }
  }
  const parseItem = (): RegexNode => {
    const start = at
    if (source[at] === '(') {
      at += (/^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(source.slice(at, at + 40)) ?? ['('])[0].length
      const inner = parseChoice()
      at++
      return inner
    }
    if (source[at] === '[') {
      for (at++; source[at] !== ']'; at++) if (source[at] === '\\') at++
      at++
    } else if (source[at] === '\\') {
      at += (/^\\(?:[pPuU]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/su.exec(source.slice(at, at + 40)) ?? ['\\.'])[0]
        .length
    } else at += String.fromCodePoint(source.codePointAt(at) ?? 0).length
    return { type: 'character', samples: samplesOf(source.slice(start, at), flags) }
  }
  return parseChoice()
}

/** A letter, a mark and a blank where each of them fits: repeats of different kinds meet different rules. */
function samplesOf(atom: string, flags: string): string[] {
  if (/^(?:[$^]|\\[bB1-9])$/.test(atom)) return []
  const one = new RegExp(`^(?:${atom})$`, flags.replace(/[gym]/g, ''))
  const fitting = CANDIDATES.filter(each => one.test(each))
  if (fitting.length <= 6) return fitting
  const kinds = [/[a-z]/i, /\d/, /[^\w\s]/, /\s/]
  return [...new Set(kinds.flatMap(kind => fitting.find(each => kind.test(each)) ?? []).concat(fitting.slice(0, 1)))]
}
