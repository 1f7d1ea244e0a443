/** `watchword detect`: finds the events in one video. The same input gives the same bytes. */

import { basename, join } from 'node:path'
import { type Command, Option } from 'commander'
import { loadZones, NO_ZONES } from '../config/loadZones.ts'
import { readLibrary } from '../config/promptLibrary.ts'
import { pluralize } from '../util/pluralize.ts'
import { calibrateOption, count, cropsOption, eventsOption, positive, zonesOption } from './arguments.ts'
import { bundledNote } from './detect/bundledNote.ts'
import { contactSheet } from './detect/contactSheet.ts'
import { detectVideo } from './detect/detectVideo.ts'
import type { Finding } from './detect/findings.ts'
import { eventsJson, percent, scoresCsv, span, subtitles, title } from './detect/formats.ts'
import { ownEvents } from './detect/ownEvents.ts'
import { sparkline } from './detect/sparkline.ts'
import { videoProgress } from './detect/videoProgress.ts'
import { makeWritable, writeFiles } from './writeFiles.ts'

interface DetectOptions {
  readonly sampleRate?: number
  readonly fps?: number
  readonly maxFrames?: number
  readonly inputFps?: number
  readonly events: readonly string[]
  readonly outputDir?: string
  readonly model: string
  readonly variant: string
  readonly scoring: 'two-way' | 'softmax'
  readonly calibrate: string
  readonly zones?: string
  readonly crops: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ watchword detect street.mp4
  $ watchword detect street.mp4 --sample-rate 5 --max-frames 100
  $ watchword detect street.mp4 --fps 4 --events person_walking,dog --output-dir found
  $ watchword detect street.mp4 --events 'a red car,a person with an umbrella'
  $ watchword detect gate.mp4 --model clip-vit-b-32-256-datacomp --calibrate gate-yesterday.mp4
  $ watchword detect street.mp4 --events delivery_van --zones street.zones.yaml
  $ watchword detect street.mp4 --json | jq '.events[].event'`

export function register(program: Command): void {
  program
    .command('detect')
    .description('find events in a video')
    .argument('<video>', 'video file that ffmpeg can read, or a folder or glob of images')
    .addOption(new Option('--sample-rate <n>', 'analyse every nth frame').argParser(count).conflicts('fps'))
    .option('--fps <f>', 'frames per second to analyse (default: 4)', positive)
    .option('--max-frames <n>', 'stop after n frames', count)
    .option(
      '--input-fps <f>',
      'frame rate of the recording, for raw H.264 and H.265, which have no timestamps',
      positive,
    )
    .addOption(eventsOption('events to detect'))
    .option('--output-dir <dir>', 'write events.json, scores.csv, events.srt and contact-sheet.png to this directory')
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
    .option('--variant <name>', 'fp32, fp16, int8, int4, …', 'int8')
    .addOption(
      new Option('--scoring <mode>', 'score each event on its own (two-way), or all against each other (softmax)')
        .choices(['two-way', 'softmax'])
        .default('two-way'),
    )
    .addOption(calibrateOption())
    .addOption(zonesOption())
    .addOption(cropsOption())
    .option('--json', 'print events.json instead of a timeline')
    .addHelpText('after', EXAMPLES)
    .action(detect)
}

async function detect(video: string, options: DetectOptions): Promise<void> {
  const { outputDir } = options
  // Fail before the work starts, not after it.
  if (outputDir !== undefined) await makeWritable(outputDir)
  const { names, library } = ownEvents(options.events, readLibrary())
  const zones = options.zones === undefined ? NO_ZONES : loadZones(options.zones, names)
  const progress = await videoProgress(video, options.maxFrames)
  const say = (text: string) => {
    progress.done()
    process.stderr.write(text)
  }
  const print = (line: string) => {
    progress.done()
    process.stdout.write(`${line}\n`)
  }
  const { findings, facts, thresholds } = await detectVideo(
    video,
    { ...options, events: names, library, zones },
    {
      onFinding: finding => options.json || print(findingLine(finding)),
      onFrame: progress.at,
      onStep: sentence => say(`${sentence}\n`),
      onLog: say,
    },
  ).finally(progress.done)
  const { found, rows } = findings
  const json = eventsJson(facts, found)
  if (options.json) process.stdout.write(json)
  else print(`${pluralize(found.length, 'event')} in ${pluralize(rows.length, 'frame')} of ${basename(video)}`)
  // Printed last, so that it is read when the events make no sense.
  const note = bundledNote(facts.model)
  if (note !== null) say(`${note}\n`)
  if (outputDir === undefined) return
  await writeFiles(outputDir, {
    'events.json': json,
    'scores.csv': scoresCsv(names, rows),
    'events.srt': subtitles(found),
    'contact-sheet.png': await contactSheet({ facts, thresholds, found, rows }),
  })
  if (!options.json) print(`written to ${join(outputDir, '')}`)
}

/** `person walking       00:12.0 – 00:19.5  peak 92 %  ▁▃▇█▇▂` */
function findingLine({ event, curve }: Finding): string {
  return `${title(event).padEnd(20)} ${span(event)}  peak ${percent(event.topScore).padStart(5)}  ${sparkline(curve)}`
}
