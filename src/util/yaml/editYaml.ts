/** Changes single values of a YAML text and leaves every other character as it is: comments, quotes, alignment, line ends. */

import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

export interface YamlEditor {
  /** Sets a key of a map, in its own lines: maps that do not exist yet are made. Several edits may not overlap. */
  set(path: readonly string[], value: unknown, options?: SetOptions): void
  /** Adds an item to a list that exists. */
  push(path: readonly string[], item: unknown): void
  /** Whether the text itself has this key, with a value: not through `<<` or another alias. */
  has(path: readonly string[]): boolean
  /** The text with all edits. */
  text(): string
}

export interface SetOptions {
  /** On one line, `{ a: 1 }`. Default: as its surroundings are. */
  readonly flow?: boolean
}

/** The place cannot be edited without changing what others share. */
export class UneditableYaml extends Error {}

interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** @param text that parses without mistakes. @throws UneditableYaml from `set` and `push` */
export function editYaml(text: string): YamlEditor {
  const document = parseDocument(text, { merge: true })
  const form: Form = {
    text,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    step: indentStep(document, text),
    isJson: isMap(document.contents) && document.contents.items.some(({ key }) => isQuoted(key)),
  }
  const splices: Splice[] = []
  return {
    set(path, value, options = {}) {
      const { contents } = document
      if (contents === null || isEmpty(contents))
        splices.push({ from: text.length, to: text.length, text: blockText(nested(path, value), 0, form) })
      else splices.push(setAt(contents, path, value, { ...form, flow: options.flow ?? false }))
    },
    push(path, item) {
      splices.push(pushTo(ownNode(document.contents, path), item, form))
    },
    has: path => {
      const node = ownNode(document.contents, path)
      return node !== undefined && node !== null && !isEmpty(node)
    },
    text: () =>
      [...splices]
        .map((splice, order) => ({ ...splice, order }))
        .sort((a, b) => b.from - a.from || b.order - a.order)
        .reduce((edited, { from, to, text: put }) => edited.slice(0, from) + put + edited.slice(to), text),
  }
}

interface Form {
  readonly text: string
  readonly eol: string
  /** Columns by which a level is indented. */
  readonly step: number
  readonly isJson: boolean
}

function setAt(
  node: unknown,
  [key, ...rest]: readonly string[],
  value: unknown,
  form: Form & { flow: boolean },
): Splice {
  if (key === undefined) throw new RangeError('Expected a path')
  if (!isMap(node)) throw new UneditableYaml(`\`${key}\` would not stand in a map`)
  const pair = ownPair(node, key)
  if (pair === null) return insertPair(node, { key, value: nested(rest, value) }, form)
  const present = pair.value
  if (present === null || isEmpty(present)) return fillPair(node, pair, nested(rest, value), form)
  if (rest.length === 0) return replaceNode(present, value, form)
  if (!isAlias(present)) return setAt(present, rest, value, form)
  // What the alias stands for is shared: it becomes a map of its own, which takes the rest from there.
  const own = flowText(nested(rest, value), form)
  return { ...rangeOf(present), text: `{ <<: *${present.source}, ${own.replace(/^\{ */, '')}` }
}

function replaceNode(node: unknown, value: unknown, form: Form): Splice {
  if (isScalar(node) && String(node.value).includes('${'))
    throw new UneditableYaml(`the value comes from \`${node.value}\`: change it there`)
  if (isMap(node) || (isSeq(node) && !node.flow))
    throw new UneditableYaml('a value of several lines stands in its place')
  return { ...rangeOf(node), text: flowText(value, form) }
}

/** After the last pair, in the same style. */
function insertPair(
  map: YAMLMap,
  { key, value }: { key: string; value: unknown },
  form: Form & { flow: boolean },
): Splice {
  const last = map.items.at(-1)
  if (map.flow) return insertInFlow(map, `${keyText(key, form)}: ${flowText(value, form)}`, form)
  if (last === undefined) throw new UneditableYaml(`\`${key}\` would not stand in a map`)
  const at = lineEnd(form.text, endOfPair(last))
  const indent = columnOf(form.text, rangeOf(map.items[0]?.key).from)
  const lines = form.flow
    ? `${keyText(key, form)}: ${flowText(value, form)}`
    : blockText({ [key]: value }, indent, form).trimEnd()
  return { from: at, to: at, text: `${form.eol}${form.flow ? ' '.repeat(indent) : ''}${lines}` }
}

/** The value of a key that has none: `events:`, `events: ~`. */
function fillPair(map: YAMLMap, { key, value }: Pair, filling: unknown, form: Form & { flow: boolean }): Splice {
  const { from, to } = value === null ? { from: endOf(key), to: endOf(key) } : rangeOf(value)
  const isWritten = to > from
  const start = isWritten ? from : form.text.indexOf(':', endOf(key)) + 1
  const end = isWritten ? to : start
  if (map.flow || isWritten || form.flow || typeof filling !== 'object')
    return { from: start, to: end, text: `${isWritten ? '' : ' '}${flowText(filling, form)}` }
  const at = lineEnd(form.text, start)
  const indent = columnOf(form.text, rangeOf(key).from) + form.step
  return { from: at, to: at, text: `${form.eol}${blockText(filling, indent, form).trimEnd()}` }
}

function pushTo(list: unknown, item: unknown, form: Form): Splice {
  if (!isSeq(list)) throw new UneditableYaml('there is no list of its own')
  if (list.flow) return insertInFlow(list, flowText(item, form), form)
  const first = rangeOf(list.items[0]).from
  const dash = form.text.lastIndexOf('-', first - 1)
  const at = lineEnd(form.text, endOf(list.items.at(-1)))
  return { from: at, to: at, text: `${form.eol}${' '.repeat(columnOf(form.text, dash))}- ${flowText(item, form)}` }
}

function insertInFlow(node: YAMLMap | YAMLSeq, text: string, form: Form): Splice {
  const last = node.items.at(-1)
  if (last !== undefined) {
    const at = isMap(node) ? endOfPair(last as Pair) : endOf(last)
    return { from: at, to: at, text: `, ${text}` }
  }
  const { from, to } = rangeOf(node)
  const space = isMap(node) && !form.isJson ? ' ' : ''
  return { from: from + 1, to: to - 1, text: `${space}${text}${space}` }
}

/** With the lines' own indentation. */
function blockText(value: unknown, indent: number, form: Form): string {
  const text = form.isJson ? `${JSON.stringify(value)}\n` : stringify(value, { indent: form.step, lineWidth: 0 })
  return text
    .split('\n')
    .map(line => (line === '' ? '' : ' '.repeat(indent) + line))
    .join(form.eol)
}

function flowText(value: unknown, { isJson }: Pick<Form, 'isJson'>): string {
  if (isJson) return JSON.stringify(value)
  const document = new Document(value)
  visit(document, {
    Collection(_key, node) {
      node.flow = true
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: !Array.isArray(value) }).trim()
}

function keyText(key: string, { isJson }: Pick<Form, 'isJson'>): string {
  if (isJson) return JSON.stringify(key)
  return stringify({ [key]: null }).split(':')[0] as string
}

function nested(path: readonly string[], value: unknown): unknown {
  return [...path].reverse().reduce((inner, key) => ({ [key]: inner }), value)
}

/** Undefined when the text itself has no such key. */
function ownNode(node: unknown, path: readonly string[]): unknown {
  let found = node
  for (const key of path) {
    const pair: Pair | null = isMap(found) ? ownPair(found, key) : null
    if (pair === null) return undefined
    found = pair.value
  }
  return found
}

function ownPair(map: YAMLMap, key: string): Pair | null {
  return map.items.find(pair => isScalar(pair.key) && String(pair.key.value) === key) ?? null
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null
}

function isQuoted(key: unknown): boolean {
  return isScalar(key) && (key as Scalar).type === 'QUOTE_DOUBLE'
}

function rangeOf(node: unknown): { readonly from: number; readonly to: number } {
  const range = (node as { range?: readonly number[] } | null | undefined)?.range
  if (!range) throw new UneditableYaml('a node has no place in the text')
  return { from: range[0] as number, to: range[1] as number }
}

function endOfPair({ key, value }: Pair): number {
  return value === null || value === undefined || isEmpty(value)
    ? Math.max(endOf(key), endOf(value ?? key))
    : endOf(value)
}

/** Where what is written of a node ends: a block's own range takes in the blank lines and comments after it. */
function endOf(node: unknown): number {
  if (isMap(node) && !node.flow && node.items.length > 0) return endOfPair(node.items.at(-1) as Pair)
  if (isSeq(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1))
  return rangeOf(node).to
}

/** Before the line break, after a comment on the same line. A block scalar ends after its line break. */
function lineEnd(text: string, from: number): number {
  if (from > 0 && text[from - 1] === '\n') return text[from - 2] === '\r' ? from - 2 : from - 1
  const found = text.indexOf('\n', from)
  const end = found < 0 ? text.length : found
  return text[end - 1] === '\r' ? end - 1 : end
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

/** How far the first nested map is indented. */
function indentStep(document: ReturnType<typeof parseDocument>, text: string): number {
  let step = 2
  visit(document, {
    Map(_key, map, path) {
      const parent = path.filter(isMap).at(-1)
      if (map.flow || parent === undefined || parent.flow || map.items.length === 0) return undefined
      const indent =
        columnOf(text, rangeOf(map.items[0]?.key).from) - columnOf(text, rangeOf(parent.items[0]?.key).from)
      step = indent > 0 ? indent : step
      return visit.BREAK
    },
  })
  return step
}
