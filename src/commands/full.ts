/** `watchword full`: optimize, benchmark, detect with the fastest variant that passed, and write one report. */

import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { readLibrary } from '../config/promptLibrary.ts'
import { count, eventsOption, positive } from './arguments.ts'
import { benchmarkJson, benchmarkText } from './benchmark/benchmarkText.ts'
import type { Measured } from './benchmark/measureVariants.ts'
import { type BenchmarkDeps, benchmark, benchmarkDeps } from './benchmark.ts'
import { type DetectVideoOptions, detectVideo } from './detect/detectVideo.ts'
import type { Findings } from './detect/findings.ts'
import { eventsJson, type RunFacts } from './detect/formats.ts'
import { ownEvents } from './detect/ownEvents.ts'
import { exitOnSignals } from './exitOnSignals.ts'
import { addVariantOptions } from './optimize/addVariantOptions.ts'
import { optimizeDeps } from './optimize/optimizeDeps.ts'
import { optimizeModel } from './optimize/optimizeModel.ts'
import type { OptimizeDeps } from './optimize/optimizeOptions.ts'
import { optimizeJson, optimizeText } from './optimize/optimizeText.ts'
import { type FullReport, fullPage } from './report/fullPage.ts'
import { makeWritable, writeFiles } from './writeFiles.ts'

export interface FullOptions {
  readonly outputDir: string
  /** Name or folder. */
  readonly model: string
  readonly pruneAmount: number
  readonly slimAmount: number
  readonly variants: readonly string[]
  /** Number of frames for calibration and judging, half of them each. */
  readonly calibrateFrames: number
  /** Number of frames for timing. */
  readonly numFrames: number
  readonly events: readonly string[]
  /** Frames per second that `detect` analyses. */
  readonly fps: number
  readonly maxFrames?: number
  readonly json?: boolean
}

export interface FullDeps {
  readonly optimize: OptimizeDeps
  readonly benchmark: BenchmarkDeps
  readonly detect: (video: string, options: DetectVideoOptions) => Promise<{ findings: Findings; facts: RunFacts }>
}

const EXAMPLES = `
Examples:
  $ watchword full street.mp4 --output-dir ./results
  $ watchword full street.mp4 --output-dir ./results --model clip-vit-base-patch32 --fps 2`

export function register(program: Command): void {
  const command = program
    .command('full')
    .description('optimize, benchmark, detect with the best variant, and write one report')
    .argument('<video>', 'video file that ffmpeg can read')
    .requiredOption(
      '--output-dir <dir>',
      'directory for report.html, events.json, benchmark.json, optimize.json and model/',
    )
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
  addVariantOptions(command)
    .option('--calibrate-frames <n>', 'number of frames to calibrate and judge variants on', count, 128)
    .option('--num-frames <n>', 'number of frames to time variants on', count, 50)
    .addOption(eventsOption('events to detect'))
    .option('--fps <f>', 'frames per second to analyse', positive, 4)
    .option('--max-frames <n>', 'stop after n frames', count)
    .option('--json', 'print JSON instead of tables')
    .addHelpText('after', EXAMPLES)
    .action(async (video: string, options: FullOptions) => {
      exitOnSignals()
      const quiet = options.json === true
      const deps = { optimize: optimizeDeps(quiet), benchmark: benchmarkDeps(quiet), detect: detectVideo }
      const done = await full(video, options, deps)
      process.stdout.write(quiet ? fullJson(done) : fullText(done, options.outputDir))
    })
}

/** @throws WatchwordError for wrong options, models, videos and folders */
async function full(video: string, options: FullOptions, deps: FullDeps): Promise<FullReport> {
  const { outputDir, numFrames, events, fps, maxFrames } = options
  await makeWritable(outputDir)
  const modelDir = resolve(outputDir, 'model')
  const calibration = { calibrate: video, numFrames: options.calibrateFrames }
  const optimized = await optimizeModel({ ...options, ...calibration, outputDir: modelDir }, deps.optimize)
  const passed = optimized.outcomes.flatMap(({ card }) => (card === null ? [] : card.variant))
  const measured = await benchmark(
    video,
    { numFrames, model: modelDir, variants: passed, events, batches: [2, 4, 8] },
    deps.benchmark,
  )
  const chosen = fastest(measured)
  const { names, library } = ownEvents(events, readLibrary())
  const { findings, facts } = await deps.detect(video, {
    library,
    events: names,
    fps,
    ...(maxFrames !== undefined && { maxFrames }),
    model: modelDir,
    variant: chosen,
    scoring: 'two-way',
  })
  const done: FullReport = { video: basename(video), optimized, measured, chosen, findings, facts }
  await writeFiles(outputDir, {
    'optimize.json': optimizeJson(optimized),
    'benchmark.json': benchmarkJson(measured),
    'events.json': eventsJson(facts, findings.found),
    'report.html': fullPage(done),
  })
  return done
}

/** By frames per second at batch size 1, the usual load of cameras; fp32 is always included. */
function fastest({ rows }: Measured): string {
  return rows.reduce((best, row) => (row.framesPerSecond > best.framesPerSecond ? row : best)).variant
}

function fullText({ optimized, measured, chosen, findings, video }: FullReport, outputDir: string): string {
  const { length } = findings.found
  const found = `${length} ${length === 1 ? 'event' : 'events'} in ${findings.rows.length} frames of ${video}, by ${chosen}`
  return [
    optimizeText(optimized),
    benchmarkText(measured),
    `${found}\nreport: ${join(outputDir, 'report.html')}\n`,
  ].join('\n')
}

function fullJson({ optimized, measured, chosen, findings, facts }: FullReport): string {
  const parts = {
    chosen,
    optimize: JSON.parse(optimizeJson(optimized)) as unknown,
    benchmark: JSON.parse(benchmarkJson(measured)) as unknown,
    detect: JSON.parse(eventsJson(facts, findings.found)) as unknown,
  }
  return `${JSON.stringify(parts, null, 2)}\n`
}
