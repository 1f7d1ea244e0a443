/** Every regular expression of a TypeScript source file, found by the compiler's own parser. */

import ts from 'typescript'

export interface FoundRegex {
  /** `src/util/redactor.ts:13`. */
  readonly place: string
  /** null: made from values at run time, so it cannot be judged by reading. */
  readonly pattern: { readonly source: string; readonly flags: string } | null
}

/** Literals, and `RegExp(…)` with or without `new`; a call whose arguments are plain texts counts as a literal. */
export function regexesOf(path: string, text: string): FoundRegex[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: FoundRegex[] = []
  const visit = (node: ts.Node): void => {
    const pattern = patternOf(node)
    if (pattern !== undefined) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart())
      found.push({ place: `${path}:${line + 1}`, pattern })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** undefined: the node is no regular expression. */
function patternOf(node: ts.Node): FoundRegex['pattern'] | undefined {
  if (ts.isRegularExpressionLiteral(node)) {
    const end = node.text.lastIndexOf('/')
    return { source: node.text.slice(1, end), flags: node.text.slice(end + 1) }
  }
  if (!(ts.isNewExpression(node) || ts.isCallExpression(node)) || node.expression.getText() !== 'RegExp') return
  const [source, flags] = node.arguments ?? []
  if (source === undefined || !ts.isStringLiteralLike(source)) return null
  if (flags !== undefined && !ts.isStringLiteralLike(flags)) return null
  return { source: source.text, flags: flags?.text ?? '' }
}
