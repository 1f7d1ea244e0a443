/** YAML text to plain values, with the place of every key. Merge keys (`<<`) are applied, aliases written out. */

import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { type Aliases, isMergeKey, resolveAliases } from './aliases.ts'

interface Place {
  /** 1-based. */
  readonly line: number
  readonly column: number
}

export interface YamlProblem extends Partial<Place> {
  /** Keys from the root; empty for the whole file. */
  readonly path: readonly PropertyKey[]
  readonly message: string
}

export interface ParsedYaml {
  /** undefined when there are problems, null for an empty file. */
  readonly value: unknown
  readonly problems: readonly YamlProblem[]
  /** Where the value at a path stands: its key, or that of the nearest parent in the file. */
  place(path: readonly PropertyKey[]): Place | null
}

export function parseYaml(text: string): ParsedYaml {
  try {
    return parse(text)
  } catch (error) {
    // The parser recurses.
    if (!(error instanceof RangeError)) throw error
    return refuse([{ path: [], message: 'Lists or maps are nested far too deeply' }])
  }
}

function refuse(problems: readonly YamlProblem[]): ParsedYaml {
  return { value: undefined, problems, place: () => null }
}

function parse(text: string): ParsedYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  // A warning is an unknown tag, such as Home Assistant's `!secret`: its value would be taken as it stands.
  const mistakes = [...document.errors, ...document.warnings]
  if (mistakes.some(({ message }) => message.includes('call stack'))) throw new RangeError('nested too deeply')
  if (mistakes.length > 0) {
    // One syntax error makes many more of what follows.
    const first = mistakes.find(isSyntax)
    const shown = mistakes.filter(mistake => mistake === first || !isSyntax(mistake))
    return refuse(
      shown.map(({ pos, code, message }) => ({
        ...at(pos[0]),
        path: [],
        message: text[pos[0] - 1] === '$' ? UNQUOTED_REFERENCE : sentence(code, message),
      })),
    )
  }
  const aliases = resolveAliases(document)
  const indexes: Indexes = new Map()
  if (aliases.refused.length > 0)
    return refuse(aliases.refused.map(({ node, message }) => ({ ...at(node.range?.[0] ?? 0), path: [], message })))
  return {
    // The parser's own bound takes a hundred cameras with shared settings for an attack; `resolveAliases` has a better one.
    value: document.toJS({ maxAliasCount: -1 }),
    problems: [],
    place: path => {
      const offset = offsetOf(document, path, { aliases, indexes })
      return offset === null ? null : at(offset)
    },
  }
}

/** In `{ fps: ${FPS} }` the second brace begins a map. */
const UNQUOTED_REFERENCE = 'Inside { } or [ ] a reference needs quotes: "${NAME}"'

function isSyntax({ code }: YAMLError): boolean {
  return code !== 'DUPLICATE_KEY' && code !== 'TAG_RESOLVE_FAILED'
}

function sentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'This name is there twice; every name may be written once'
  if (code === 'MULTIPLE_DOCS') return 'A second document begins here (`---`), where one is expected'
  if (code === 'TAG_RESOLVE_FAILED')
    return 'A tag (`!name`) means nothing here: write ${NAME} or ${file:PATH}; a text that begins with ! needs quotes'
  return message
}

/** The pairs of each map by key: a linear search per mistake takes long in a file with thousands of them. */
type Indexes = Map<YAMLMap, ReadonlyMap<string, Pair>>

interface Finder {
  readonly aliases: Aliases
  readonly indexes: Indexes
}

interface Found {
  readonly offset: number | null
  readonly value: unknown
}

function offsetOf(document: Document, path: readonly PropertyKey[], finder: Finder): number | null {
  let found: Found = { offset: rangeOf(document.contents), value: document.contents }
  for (const step of path) {
    const next = childOf(found.value, step, finder)
    if (next === null) break
    found = { offset: next.offset ?? found.offset, value: next.value }
  }
  return found.offset
}

/** A key's value, in the map itself or else in a merged map; or an item of a list. */
function childOf(node: unknown, step: PropertyKey, finder: Finder): Found | null {
  const parent = finder.aliases.target(node)
  if (isSeq(parent)) {
    const item = parent.items[Number(step)]
    return item === undefined ? null : { offset: rangeOf(item), value: item }
  }
  if (!isMap(parent)) return null
  const own = indexOf(parent, finder.indexes).get(String(step))
  if (own) return { offset: rangeOf(own.key), value: own.value }
  const merged = parent.items.find(({ key }) => isMergeKey(key))?.value
  for (const source of isSeq(merged) ? merged.items : [merged]) {
    const inherited = childOf(source, step, finder)
    if (inherited) return inherited
  }
  return null
}

function indexOf(map: YAMLMap, indexes: Indexes): ReadonlyMap<string, Pair> {
  const known = indexes.get(map)
  if (known) return known
  const keyed = map.items.filter(({ key }) => isScalar(key) && !isMergeKey(key))
  const index = new Map(keyed.map(pair => [String((pair.key as Scalar).value), pair]))
  indexes.set(map, index)
  return index
}

function rangeOf(node: unknown): number | null {
  return (node as { readonly range?: readonly number[] } | null)?.range?.[0] ?? null
}
