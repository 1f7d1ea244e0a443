/** Writes the table of docs/config.md from the schema: every key with its default and its cost. */

import { resolveReference, type SchemaNode } from '../util/yaml/schemaNode.ts'
import { configJsonSchema } from './configJsonSchema.ts'

/** Markdown table with one row per key: path, type, default, description. */
export function configReference(): string {
  const root = configJsonSchema() as SchemaNode
  const rows: string[] = []
  const visit = (path: string, node: SchemaNode, required: boolean) => {
    const target = resolveReference(node, root)
    if (path !== '' && path !== '$schema') rows.push(row(path, target, required))
    const named = target.additionalProperties
    if (typeof named === 'object') visit(`${path}.<name>`, named, false)
    for (const [key, child] of Object.entries(target.properties ?? {})) {
      if (key !== '$schema') visit(path === '' ? key : `${path}.${key}`, child, target.required?.includes(key) ?? false)
    }
  }
  visit('', root, false)
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n')
}

function row(path: string, node: SchemaNode, required: boolean): string {
  const fallback =
    node.default === undefined || isMap(node.default)
      ? required
        ? '**required**'
        : ''
      : `\`${JSON.stringify(node.default)}\``
  return `| \`${path}\` | ${kindOf(node)} | ${fallback} | ${(node.description ?? '').replaceAll('|', '\\|')} |`
}

function kindOf(node: SchemaNode): string {
  if (node.enum) return node.enum.map(value => `\`${value}\``).join(' ')
  if (node.anyOf) return node.anyOf.map(kindOf).join(' or ')
  if (node.type === 'array') return `list of ${node.items ? kindOf(node.items) : 'anything'}`
  if (node.type === 'object') return node.additionalProperties ? 'map of names' : 'section'
  if (node.format === 'path') return 'path'
  return node.type ?? ''
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
