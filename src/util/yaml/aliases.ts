/** Resolves aliases and merge keys of a YAML document, and reports those without a usable target. */

import { type Alias, type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, visit } from 'yaml'

export interface Refused {
  readonly node: Node
  readonly message: string
}

export interface Aliases {
  /** The node itself, or the one that an alias stands for. */
  target(node: unknown): unknown
  /** Nodes that parse and still have no value: such a document must not be turned into values. */
  readonly refused: readonly Refused[]
}

/** Values that aliases may write out to. Each nested level of aliases multiplies them. */
const MOST_VALUES = 1_000_000

export function resolveAliases(document: Document): Aliases {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  const merges: { readonly key: Node; readonly value: unknown }[] = []
  const refused: Refused[] = []
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node)
        return
      }
      const target = anchors.get(node.source)
      if (target) targets.set(node, target)
      // The name is not quoted: it may be a password that begins with *.
      else
        refused.push({
          node,
          message: 'An alias (`*name`) names nothing before it; a text that begins with * needs quotes',
        })
    },
    Pair(_key, { key, value }) {
      if (!isScalar(key)) return
      if (key.value === '__proto__') refused.push({ node: key, message: 'Expected another name than `__proto__`' })
      if (isMergeKey(key)) merges.push({ key, value })
    },
  })
  const target = (node: unknown) => (isAlias(node) ? targets.get(node) : node)
  for (const { key, value } of merges) {
    const sources = isSeq(value) ? value.items : [value]
    if (!sources.every(source => isMap(target(source))))
      refused.push({ node: key, message: 'Expected `<<` to be an alias of a map (`*name`), or a list of them' })
  }
  const tooMuch = refused.length > 0 ? null : tooLarge(document, target)
  return { target, refused: tooMuch === null ? refused : [tooMuch] }
}

/** `<<` without quotes. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN'
}

/** The first alias that stands inside its own value, or that makes the document too large; null when there is none. */
function tooLarge(document: Document, target: (node: unknown) => unknown): Refused | null {
  const sizes = new Map<unknown, number>()
  const open = new Set<unknown>()
  let refused: Refused | null = null
  const size = (node: unknown): number => {
    const known = sizes.get(node)
    if (known !== undefined || refused !== null) return known ?? 0
    open.add(node)
    let total = 1
    if (isAlias(node)) {
      if (open.has(target(node)))
        refused = { node, message: 'An alias (`*name`) stands inside the value that it names' }
      else total += size(target(node))
    } else if (isMap(node)) for (const { value } of node.items) total += size(value)
    else if (isSeq(node)) for (const item of node.items) total += size(item)
    open.delete(node)
    sizes.set(node, total)
    if (total > MOST_VALUES && isNode(node) && refused === null)
      refused = { node, message: 'Aliases (`*name`) stand for far too many values' }
    return total
  }
  size(document.contents)
  return refused
}
