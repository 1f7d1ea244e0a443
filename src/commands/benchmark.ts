/** `watchword benchmark`: compares all variants of a model on the same frames of one video. */

import { basename } from 'node:path'
import type { Command } from 'commander'
import { resolveModel } from '../models/resolveModel.ts'
import type { ScoringTexts } from '../scoringTypes.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { count, eventsOption, listOption, names } from './arguments.ts'
import { benchmarkJson, benchmarkText } from './benchmark/benchmarkText.ts'
import { type Measured, measureVariants } from './benchmark/measureVariants.ts'
import { clipModelBuilder } from './clipModelBuilder.ts'
import { createProgress } from './progress.ts'
import { benchmarkPage } from './report/benchmarkPage.ts'
import { sampleFrames, textsOf } from './sampleFrames.ts'
import { makeWritable, writeFiles } from './writeFiles.ts'

export interface BenchmarkOptions {
  readonly numFrames: number
  /** Name or folder. */
  readonly model: string
  /** Default: all existing variants. */
  readonly variants?: readonly string[]
  readonly events: readonly string[]
  /** Batch sizes to try besides 1. */
  readonly batches: readonly number[]
  /** Directory for benchmark.json and benchmark.html. */
  readonly outputDir?: string
  readonly json?: boolean
}

export interface BenchmarkDeps {
  /** A model directory with these variants; without names, with all variants that exist. */
  readonly findModel: (
    nameOrDir: string,
    variants: readonly string[] | undefined,
  ) => Promise<{ readonly dir: string; readonly variants: readonly string[] }>
  readonly readFrames: (video: string, options: { size: number; count: number }) => Promise<Uint8Array[]>
  readonly readTexts: (modelDir: string, events: readonly string[]) => Promise<ScoringTexts>
  readonly onStep: (step: string) => void
  /** Fraction of the timed runs that are done, [0, 1]. */
  readonly onProgress: (fraction: number) => void
}

const BATCHES = [2, 4, 8]

const EXAMPLES = `
Examples:
  $ watchword benchmark street.mp4 --num-frames 50
  $ watchword benchmark street.mp4 --model ./optimized_models --output-dir report
  $ watchword benchmark street.mp4 --model demo --variants fp32,int8,int4 --json`

export function register(program: Command): void {
  program
    .command('benchmark')
    .description('compare the speed and accuracy of a model’s variants')
    .argument('<video>', 'video file that ffmpeg can read')
    .option('--num-frames <n>', 'number of frames to time and compare', count, 50)
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
    .option('--variants <names>', 'only these variants, separated by commas (default: all that exist)', names)
    .addOption(listOption('--batches <sizes>', 'batch sizes to try besides 1', { read: sizes, defaults: BATCHES }))
    .addOption(eventsOption('events whose decisions are compared'))
    .option('--output-dir <dir>', 'write benchmark.json and benchmark.html to this directory')
    .option('--json', 'print JSON instead of a table')
    .addHelpText('after', EXAMPLES)
    .action(async (video: string, options: BenchmarkOptions) => {
      const deps = benchmarkDeps(options.json === true)
      const measured = await benchmark(video, options, deps)
      deps.finish()
      process.stdout.write(options.json ? benchmarkJson(measured) : benchmarkText(measured))
      if (options.outputDir !== undefined && !options.json) process.stdout.write(`written to ${options.outputDir}\n`)
    })
}

/** @throws WatchwordError for missing models, variants, videos and folders */
export async function benchmark(video: string, options: BenchmarkOptions, deps: BenchmarkDeps): Promise<Measured> {
  if (options.outputDir !== undefined) await makeWritable(options.outputDir)
  const { dir, variants } = await deps.findModel(options.model, options.variants)
  const measured = await measureVariants(
    {
      modelDir: dir,
      variants,
      video: basename(video),
      batches: options.batches,
      readFrames: size => deps.readFrames(video, { size, count: options.numFrames }),
      readTexts: () => deps.readTexts(dir, options.events),
    },
    deps,
  )
  if (options.outputDir !== undefined) {
    await writeFiles(options.outputDir, {
      'benchmark.json': benchmarkJson(measured),
      'benchmark.html': benchmarkPage(measured),
    })
  }
  return measured
}

/** Dependencies for the command line: steps and a progress bar go to stderr. */
export function benchmarkDeps(quiet: boolean): BenchmarkDeps & { readonly finish: () => void } {
  const progress = createProgress('timing', 1)
  const onStep = (step: string) => {
    progress.done()
    if (!quiet || process.stderr.isTTY) process.stderr.write(`${step}\n`)
  }
  return {
    findModel: async (nameOrDir, variants) => {
      const resolve = (variant: string) =>
        resolveModel(nameOrDir, { variant, dataDir: dataDirectory(), modelBuilder: clipModelBuilder, onStep })
      const exact = await resolve('fp32')
      for (const variant of variants ?? []) await resolve(variant)
      return { dir: exact.dir, variants: variants ?? exact.variants }
    },
    readFrames: sampleFrames,
    readTexts: textsOf,
    onStep,
    onProgress: progress.at,
    finish: progress.done,
  }
}

function sizes(text: string): number[] {
  return names(text).map(count)
}
