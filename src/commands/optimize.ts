/** `watchword optimize`: the command line of `optimizeModel`. */

import type { Command } from 'commander'
import { count, eventsOption } from './arguments.ts'
import { exitOnSignals } from './exitOnSignals.ts'
import { addVariantOptions } from './optimize/addVariantOptions.ts'
import { optimizeDeps } from './optimize/optimizeDeps.ts'
import { optimizeModel } from './optimize/optimizeModel.ts'
import type { OptimizeOptions } from './optimize/optimizeOptions.ts'
import { optimizeJson, optimizeText } from './optimize/optimizeText.ts'

const EXAMPLES = `
Examples:
  $ watchword optimize --output-dir ./optimized_models --prune-amount 0.3
  $ watchword optimize --output-dir lean --model clip-vit-base-patch32 --calibrate street.mp4
  $ watchword optimize --output-dir lean --variants int8,slim-25+int8
  $ watchword optimize --output-dir textbook --plain --variants fp16
  $ watchword optimize --output-dir small --model clip-vit-base-patch16 --image-size 160 --calibrate street.mp4
  $ watchword optimize --output-dir lean --recipe mixed.yaml --variants int8

A variant that fails the quality gate is rejected and leaves no file behind; --force keeps it.`

export function register(program: Command): void {
  const command = program
    .command('optimize')
    .description('make smaller and faster variants of a model, and measure each')
    .requiredOption('--output-dir <dir>', 'output model directory')
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
  addVariantOptions(command)
    .option('--calibrate <video>', 'video to measure, calibrate and judge on')
    .option('--num-frames <n>', 'number of calibration frames', count, 128)
    .option('--recipe <file>', 'YAML file of one more variant, layer by layer: see docs/models.md')
    .addOption(eventsOption('events whose decisions must stay the same'))
    .option('--plain', 'standard ONNX operators only, for other runtimes than onnxruntime; slower')
    .option('--image-size <pixels>', 'side of the images; fewer pixels are faster, and the quality gate decides', count)
    .option('--force', 'keep variants that fail the quality gate')
    .option('--json', 'print JSON instead of a table')
    .addHelpText('after', EXAMPLES)
    .action(async (options: OptimizeOptions, command: Command) => {
      exitOnSignals()
      const deps = optimizeDeps(options.json === true)
      const done = await optimizeModel(options, deps)
      deps.finish()
      process.stdout.write(options.json ? optimizeJson(done) : optimizeText(done))
      // Rejecting a default variant is information; rejecting a requested one is a failure.
      const isRequested = command.getOptionValueSource('variants') === 'cli' || options.recipe !== undefined
      if (isRequested && done.outcomes.some(outcome => outcome.card === null)) process.exitCode = 1
    })
}
