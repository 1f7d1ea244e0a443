/** docs/config.md from the schema: every key with its default and what it costs. */

import { configJsonSchema } from './jsonSchema.ts'

interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: Node | boolean
  readonly required?: readonly string[]
  readonly anyOf?: readonly Node[]
  readonly items?: Node
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Node>>
}

/** Markdown rows, one a key: path, what may stand there, default, description. */
export function configReference(): string {
  const root = configJsonSchema() as Node
  const rows: string[] = []
  const visit = (path: string, node: Node, required: boolean) => {
    const target = resolve(node, root)
    if (path !== '' && path !== '$schema') rows.push(row(path, { ...target, ...described(node) }, required))
    const named = target.additionalProperties
    if (typeof named === 'object') visit(`${path}.<name>`, named, false)
    for (const [key, child] of Object.entries(target.properties ?? {})) {
      if (key !== '$schema') visit(path === '' ? key : `${path}.${key}`, child, target.required?.includes(key) ?? false)
    }
  }
  visit('', root, false)
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n')
}

function row(path: string, node: Node, required: boolean): string {
  const fallback =
    node.default === undefined || isMap(node.default)
      ? required
        ? '**required**'
        : ''
      : `\`${JSON.stringify(node.default)}\``
  return `| \`${path}\` | ${kindOf(node)} | ${fallback} | ${(node.description ?? '').replaceAll('|', '\\|')} |`
}

function kindOf(node: Node): string {
  if (node.enum) return node.enum.map(value => `\`${value}\``).join(' ')
  if (node.anyOf) return node.anyOf.map(kindOf).join(' or ')
  if (node.type === 'array') return `list of ${node.items ? kindOf(node.items) : 'anything'}`
  if (node.type === 'object') return node.additionalProperties ? 'map of names' : 'section'
  return node.type ?? ''
}

function resolve(node: Node, root: Node): Node {
  const name = node.$ref?.split('/').at(-1)
  return (name !== undefined && root.$defs?.[name]) || node
}

function described(node: Node): Pick<Node, 'description'> {
  return node.description === undefined ? {} : { description: node.description }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
