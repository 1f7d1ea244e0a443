/** Texts of a pattern's own alphabet that make a backtracking engine work as hard as the pattern allows. */

import { createRandom } from '../../src/util/random.ts'
import { parseRegex, type RegexNode } from './regexGrammar.ts'

/** A text is `before`, then `unit` again and again, then `after`. */
export interface AttackText {
  readonly before: string
  readonly unit: string
  readonly after: string
}

/** @param count how many about; the same ones each time */
export function attackTexts(source: string, flags: string, count: number): AttackText[] {
  const random = createRandom(source)
  const pick = <T>(from: readonly T[]): T | undefined => from[random.integer(0, from.length - 1)]
  const write = (node: RegexNode): string => {
    if (node.type === 'character') return pick(node.samples) ?? ''
    if (node.type === 'choice') return write(pick(node.options) as RegexNode)
    if (node.type === 'sequence') return node.items.map(write).join('')
    return write(node.item).repeat(node.min + (random.chance(0.4) ? 1 : 0))
  }
  const root = parseRegex(source, flags)
  const nodes = everyNode(root)
  const sequences = nodes.flatMap(node => (node.type === 'sequence' && node.items.length > 0 ? [node.items] : []))
  const alphabet = [...new Set(nodes.flatMap(node => (node.type === 'character' ? node.samples : [])))]
  const part = (): string => {
    const items = pick(sequences) ?? []
    const start = random.chance(0.5) ? 0 : random.integer(0, items.length - 1)
    const end = random.integer(start + 1, items.length)
    return items.slice(start, end).map(write).join('')
  }
  const texts = new Map<string, AttackText>()
  const add = (before: string, unit: string, after: string) => {
    if (unit !== '') texts.set(JSON.stringify([before, unit, after]), { before, unit, after })
  }
  for (const letter of alphabet)
    for (const [before, after] of [
      ['', ''],
      ['', '\n\0'],
      ['\0', '\0'],
    ] as const)
      add(before, letter, after)
  for (const items of sequences)
    for (const [index, item] of items.entries()) {
      const start = items.slice(0, index).map(write).join('')
      // A start that comes again and again and is never followed by the end; then one start and a long middle.
      add('', start + write(item), '')
      add(start, write(item), '\0')
    }
  for (let tries = 0; texts.size < count && tries < 4 * count; tries++) {
    const unit = random.chance(0.3) ? `${pick(alphabet) ?? ''}${pick(alphabet) ?? ''}` : part()
    add(random.chance(0.5) ? '' : part(), unit, pick(['', '\0', '\n\0', part()]) ?? '')
  }
  return [...texts.values()]
}

function everyNode(node: RegexNode): RegexNode[] {
  if (node.type === 'sequence') return [node, ...node.items.flatMap(everyNode)]
  if (node.type === 'choice') return [node, ...node.options.flatMap(everyNode)]
  return node.type === 'repeat' ? [node, ...everyNode(node.item)] : [node]
}
