/** Recipes in YAML: every mistake at once, each with its line. */

import { readFile } from 'node:fs/promises'
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { nearest } from '../util/nearest.ts'
import { type LayerRule, type Recipe, STORAGES, type Storage } from './recipe.ts'

/**
 * ```yaml
 * name: mixed
 * slim: {heads: 0.25, neurons: 0.5}
 * prune: 0.2
 * store: int8
 * layers:
 *   - {match: '*layers/11*', store: fp32}
 *   - {match: '*fc1', store: int4, prune: 0}
 * ```
 * @throws WatchwordError `recipe-unreadable`, or `recipe-invalid` with all mistakes
 */
export async function readRecipe(path: string): Promise<Recipe> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const why = systemCodeOf(cause) === 'ENOENT' ? 'no such file' : messageOf(cause)
    throw new WatchwordError(`Cannot read the recipe ${path}: ${why}`, { code: 'recipe-unreadable', cause })
  }
  return parseRecipe(text, path)
}

/** @param where the file's name, for messages. @throws WatchwordError `recipe-invalid` */
export function parseRecipe(text: string, where: string): Recipe {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const found: { line: number; message: string }[] = []
  const mistake: Mistake = (node, message) => {
    found.push({ line: lines.linePos((isNode(node) && node.range?.[0]) || 0).line, message })
  }
  for (const { pos, message } of document.errors) found.push({ line: lines.linePos(pos[0]).line, message })
  const recipe = found.length === 0 ? recipeOf(document.contents, mistake) : null
  if (recipe !== null && found.length === 0) return recipe
  const mistakes = found.sort((a, b) => a.line - b.line).map(({ line, message }) => `${where}:${line}: ${message}`)
  const hint = 'docs/models.md shows a whole recipe'
  throw new WatchwordError(mistakes.join('\n'), { code: 'recipe-invalid', hint, facts: { mistakes } })
}

type Mistake = (node: unknown, message: string) => void

function recipeOf(root: unknown, mistake: Mistake): Recipe | null {
  const fields = fieldsOf(root, 'the recipe', ['name', 'slim', 'prune', 'store', 'layers'], mistake)
  if (fields === null) return null
  return {
    name: nameOf(fields.get('name'), root, mistake),
    slim: slimOf(fields.get('slim'), mistake),
    prune: shareOf(fields.get('prune'), 'prune', mistake) ?? 0,
    store: storageOf(fields.get('store'), 'store', mistake) ?? 'fp32',
    layers: rulesOf(fields.get('layers'), mistake),
  }
}

/** `<name>.json` is the variant's card: these are other files of a model's folder. */
const RESERVED = ['fp32', 'model', 'checksums', 'vocab', 'source', 'config', 'preprocessor_config', 'calibration']

function nameOf(node: Node | undefined, root: unknown, mistake: Mistake): string {
  const name = isScalar(node) ? node.value : undefined
  if (typeof name === 'string' && RESERVED.includes(name.toLowerCase())) {
    mistake(node, `Expected a \`name\` of its own, got ${name}: a file of every model is called so`)
    return ''
  }
  if (typeof name === 'string' && /^[A-Za-z0-9][\w.+-]*$/.test(name)) return name
  const got = node === undefined ? 'nothing' : String(node)
  mistake(node ?? root, `Expected \`name\` to be letters, digits, \`.\`, \`_\`, \`+\` and \`-\`; got ${got}`)
  return ''
}

function slimOf(node: Node | undefined, mistake: Mistake): Recipe['slim'] {
  if (node === undefined) return null
  const fields = fieldsOf(node, '`slim`', ['heads', 'neurons'], mistake)
  if (fields === null) return null
  const heads = shareOf(fields.get('heads'), 'slim.heads', mistake) ?? 0
  const neurons = shareOf(fields.get('neurons'), 'slim.neurons', mistake) ?? 0
  return { heads, neurons }
}

function rulesOf(node: Node | undefined, mistake: Mistake): LayerRule[] {
  if (node === undefined) return []
  if (!isSeq(node)) {
    mistake(node, `Expected \`layers\` to be a list, got ${kindOf(node)}`)
    return []
  }
  return node.items.flatMap((item, i) => ruleOf(item, `layers[${i}]`, mistake) ?? [])
}

function ruleOf(node: unknown, at: string, mistake: Mistake): LayerRule | null {
  const fields = fieldsOf(node, `\`${at}\``, ['match', 'store', 'prune'], mistake)
  if (fields === null) return null
  const match = fields.get('match')
  const pattern = isScalar(match) && typeof match.value === 'string' ? match.value : ''
  if (pattern === '') mistake(match ?? node, `Expected \`${at}.match\` to be a layer's name, with * for any text`)
  const store = storageOf(fields.get('store'), `${at}.store`, mistake)
  const prune = shareOf(fields.get('prune'), `${at}.prune`, mistake)
  if (!fields.has('store') && !fields.has('prune')) mistake(node, `Expected \`${at}\` to say \`store\` or \`prune\``)
  return { match: pattern, store, prune }
}

function shareOf(node: Node | undefined, at: string, mistake: Mistake): number | null {
  if (node === undefined) return null
  const value = isScalar(node) ? node.value : undefined
  if (typeof value === 'number' && value >= 0 && value < 1) return value
  mistake(node, `Expected \`${at}\` to be at least 0 and below 1, got ${String(node)}`)
  return null
}

function storageOf(node: Node | undefined, at: string, mistake: Mistake): Storage | null {
  if (node === undefined) return null
  const value = isScalar(node) ? node.value : undefined
  const storage = STORAGES.find(each => each === value)
  if (storage !== undefined) return storage
  mistake(node, `Expected \`${at}\` to be ${STORAGES.join(', ')}; got ${String(node)}${guess(String(value), STORAGES)}`)
  return null
}

/** The fields of a mapping; names that are not known are mistakes. */
function fieldsOf(node: unknown, what: string, known: readonly string[], mistake: Mistake): Map<string, Node> | null {
  if (!isMap(node)) {
    mistake(node, `Expected ${what} to be a mapping, got ${kindOf(node)}`)
    return null
  }
  const fields = new Map<string, Node>()
  for (const { key, value } of (node as YAMLMap<unknown, unknown>).items) {
    const name = isScalar(key) ? String(key.value) : String(key)
    if (!known.includes(name)) mistake(key, `Unknown key \`${name}\` in ${what}${guess(name, known)}`)
    else if (isNode(value)) fields.set(name, value)
  }
  return fields
}

function guess(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  return meant === null ? '' : `; did you mean ${meant}?`
}

function kindOf(node: unknown): string {
  if (node === null || node === undefined) return 'nothing'
  return isSeq(node) ? 'a list' : isMap(node) ? 'a mapping' : String(node)
}
