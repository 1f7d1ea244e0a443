/** Finds the part of a JSON Schema that describes one value of a document. */

/** Draft 2020-12, the keywords that are used here. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  /** `path`: a file or folder; `camera-url`, `model`: may be one. */
  readonly format?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  /** Regular expression → keys that are allowed as well. */
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly SchemaNode[]
  readonly items?: SchemaNode
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

/** The node for the value at a path; null where the schema knows none. */
export function schemaNodeAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode | null {
  let node: SchemaNode | null = root
  for (const step of path) {
    const parent: SchemaNode = node === null ? {} : resolveReference(node, root)
    const named = Object.hasOwn(parent.properties ?? {}, step) ? parent.properties?.[String(step)] : undefined
    const other = typeof parent.additionalProperties === 'object' ? parent.additionalProperties : null
    node = named ?? (typeof step === 'number' ? (parent.items ?? null) : other)
  }
  return node === null ? null : resolveReference(node, root)
}

/** A node with its `$ref` followed; its own description stays. */
export function resolveReference(node: SchemaNode, root: SchemaNode): SchemaNode {
  const name = node.$ref?.split('/').at(-1)
  const target = name === undefined ? undefined : root.$defs?.[name]
  if (target === undefined) return node
  return node.description === undefined ? target : { ...target, description: node.description }
}

/** Types that a value may have, those of alternatives included. */
export function typesOf({ type, anyOf }: SchemaNode): string[] {
  return [...(type === undefined ? [] : [type]), ...(anyOf ?? []).flatMap(typesOf)]
}
