/** `watchword optimize`: the command line of `optimizeModel`. */

import type { Command, Option } from 'commander'
import { count, eventsOption, listOption, names, share } from './arguments.ts'
import { exitOnSignals } from './exitOnSignals.ts'
import { optimizeDeps } from './optimize/optimizeDeps.ts'
import { type OptimizeOptions, optimizeModel } from './optimize/optimizeModel.ts'
import { optimizeJson, optimizeText } from './optimize/printOptimized.ts'

/** What is made when nobody says what. */
const VARIANTS: readonly string[] = ['fp16', 'int8', 'int4', 'pruned', 'slim', 'slim+int8']

const EXAMPLES = `
Examples:
  $ watchword optimize --output-dir ./optimized_models --prune-amount 0.3
  $ watchword optimize --output-dir lean --model clip-vit-base-patch32 --calibrate street.mp4
  $ watchword optimize --output-dir lean --variants int8,slim-25+int8
  $ watchword optimize --output-dir textbook --plain --variants fp16
  $ watchword optimize --output-dir lean --recipe mixed.yaml --variants int8

A variant that breaks the events is refused and leaves no file behind; --force keeps it.`

export function register(program: Command): void {
  program
    .command('optimize')
    .description('make smaller and faster variants of a model, measured and gated')
    .requiredOption('--output-dir <dir>', 'becomes a whole model directory')
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
    .addOption(variantsOption())
    .option('--prune-amount <share>', 'what `pruned` removes of every linear layer', share, 0.3)
    .option('--slim-amount <share>', 'what `slim` takes out of heads and neurons', share, 0.5)
    .option('--calibrate <video>', 'measure, fit and judge on these frames')
    .option('--num-frames <n>', 'take so many of them', count, 128)
    .option('--recipe <file>', 'one more variant, layer by layer: see docs/models.md')
    .addOption(eventsOption('whose decisions must stay the same'))
    .option('--plain', 'textbook graphs, for other runtimes than onnxruntime; slower')
    .option('--force', 'keep variants that the gate refuses')
    .option('--json', 'print JSON instead of a table')
    .addHelpText('after', EXAMPLES)
    .action(async (options: OptimizeOptions, command: Command) => {
      exitOnSignals()
      const deps = optimizeDeps(options.json === true)
      const done = await optimizeModel(options, deps)
      deps.finish()
      process.stdout.write(options.json ? optimizeJson(done) : optimizeText(done))
      // Refusing a variant of our own choice is news; refusing one that was asked for is a failure.
      const asked = command.getOptionValueSource('variants') === 'cli' || options.recipe !== undefined
      if (asked && done.outcomes.some(outcome => outcome.card === null)) process.exitCode = 1
    })
}

/** `full` makes the same ones. */
export function variantsOption(): Option {
  const description = 'separated by commas; joined by + to combine'
  return listOption('--variants <names>', description, { read: names, defaults: VARIANTS })
}
