/** The options that choose variants, for `optimize` and `full`. */

import type { Command } from 'commander'
import { fraction, listOption, names } from '../arguments.ts'

/** Variants that are made by default. */
const VARIANTS: readonly string[] = ['fp16', 'int8', 'int4', 'pruned', 'slim', 'slim+int8']

export function addVariantOptions(command: Command): Command {
  const variants = 'variants, separated by commas; + combines several steps'
  const pruned = 'fraction of weights that `pruned` zeroes (unstructured pruning)'
  const slim = 'fraction of heads and neurons that `slim` removes (structured pruning)'
  return command
    .addOption(listOption('--variants <names>', variants, { read: names, defaults: VARIANTS }))
    .option('--prune-amount <fraction>', pruned, fraction, 0.3)
    .option('--slim-amount <fraction>', slim, fraction, 0.5)
}
