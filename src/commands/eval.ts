/** `watchword eval`: compares what is found in labelled footage with the labels. */

import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { calibrateOption, cropsOption, eventNames, listOption, names, positive, zonesOption } from './arguments.ts'
import { bundledNote } from './detect/bundledNote.ts'
import { detectVideo } from './detect/detectVideo.ts'
import { videoProgress } from './detect/videoProgress.ts'
import { evalJson } from './eval/evalJson.ts'
import { evalText } from './eval/evalText.ts'
import { type EvaluateLabelsOptions, evaluate } from './eval/evaluate.ts'
import type { Evaluation } from './eval/evaluation.ts'
import { readFound } from './eval/readFound.ts'
import { exitOnSignals } from './exitOnSignals.ts'
import { evalPage } from './report/evalPage.ts'
import { makeWritable, writeFiles } from './writeFiles.ts'

interface EvalOptions extends EvaluateLabelsOptions {
  readonly minF1?: number
  readonly found?: string
  readonly outputDir?: string
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ watchword demo --render street.mp4 --labels street.json && watchword eval street.json
  $ watchword eval labels.csv --variant fp32,int8 --output-dir report
  $ watchword eval gate.srt --video gate-2026-11-30.mp4 --model clip-vit-b-32-256-datacomp
  $ watchword eval annotations.xml --label-fps 25 --events person_walking
  $ watchword eval labels/*.json --min-f1 0.9 --json > result.json`

export function register(program: Command): void {
  program
    .command('eval')
    .description('compare what is found in labelled footage with the labels')
    .argument(
      '<labels...>',
      'labels: JSON of `demo` or `detect`, a table (CSV) with video, event, from, to, subtitles (SRT), CVAT (XML), Label Studio (JSON)',
    )
    .option('--video <file>', 'the video of the one labels file; default: the one it names, or of its base name')
    .addOption(
      new Option(
        '--events <names>',
        'events to evaluate: from the prompt library, or your own phrases; default: those of the labels',
      ).argParser(eventNames),
    )
    .option('--found <file>', 'events.json of `detect` for the one video: compare these events, without a model')
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
    .addOption(
      listOption('--variant <names>', 'variants to evaluate: fp32, fp16, int8, int4, …', {
        read: variants,
        defaults: ['int8'],
      }),
    )
    .option('--fps <f>', 'frames per second to analyse (default: 4)', positive)
    .option(
      '--label-fps <f>',
      'frame rate at which the labels count frames; default: the labels’ own, or the video’s',
      positive,
    )
    .addOption(calibrateOption())
    .addOption(zonesOption())
    .addOption(cropsOption())
    .option('--overlap <fraction>', 'a find shares at least this much of its union with a true span', share, 0.5)
    .option('--min-f1 <fraction>', 'exit with 1 when the mean F1 of the events is below this, for any variant', share)
    .option('--output-dir <dir>', 'write report.html and eval.json to this directory')
    .option('--json', 'print JSON instead of a table')
    .addHelpText('after', EXAMPLES)
    .action(evalCommand)
}

async function evalCommand(labels: string[], options: EvalOptions): Promise<void> {
  const { outputDir, json: asJson, minF1 } = options
  exitOnSignals()
  if (outputDir !== undefined) await makeWritable(outputDir)
  const evaluation = await evaluateWithProgress(labels, options)
  const json = evalJson(evaluation)
  process.stdout.write(asJson ? json : evalText(evaluation))
  if (outputDir !== undefined) {
    await writeFiles(outputDir, { 'report.html': evalPage(evaluation), 'eval.json': json })
    if (!asJson) process.stdout.write(`report: ${join(outputDir, 'report.html')}\n`)
  }
  const note = bundledNote(evaluation.model)
  if (note !== null) process.stderr.write(`${note}\n`)
  if (minF1 === undefined) return
  for (const { variant, meanF1 } of evaluation.variants) {
    if (meanF1 >= minF1) continue
    process.stderr.write(`watchword: mean F1 of ${variant} is ${meanF1.toFixed(3)}, below ${minF1}\n`)
    process.exitCode = 1
  }
}

/** Shows each video on a terminal, with a bar. */
async function evaluateWithProgress(labels: readonly string[], options: EvalOptions): Promise<Evaluation> {
  let progress: Awaited<ReturnType<typeof videoProgress>> | null = null
  const say = (text: string) => {
    progress?.done()
    process.stderr.write(text)
  }
  const found = options.found === undefined ? null : await readFound(options.found)
  const chosen = found === null ? options : { ...options, variant: [found.variant], onlyOne: true }
  const listeners = {
    onVideo: (video: string, variant: string) => {
      progress?.done()
      progress = null
      say(`${video}, ${variant}\n`)
      videoProgress(video).then(
        bar => {
          progress = bar
        },
        // Without a bar: what is wrong with the video is reported when it is read.
        () => {},
      )
    },
    onFrame: (at: number, frames: number) => progress?.at(at, frames),
    onStep: (sentence: string) => say(`${sentence}\n`),
    onLog: say,
  }
  return evaluate(labels, chosen, listeners, found ?? { detect: detectVideo }).finally(() => progress?.done())
}

function variants(text: string): string[] {
  return [...new Set(names(text))]
}

/** A fraction in (0, 1]. */
function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError(`Expected a fraction such as 0.5, above 0 and at most 1, got "${text}"`)
}
