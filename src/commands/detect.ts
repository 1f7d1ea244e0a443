/** `watchword detect`: events in one video, with everything to look at afterwards. Same input, same bytes. */

import { basename, join } from 'node:path'
import { type Command, Option } from 'commander'
import { DEFAULT_EVENTS, readLibrary } from '../config/library.ts'
import { count, eventNames, positive } from './arguments.ts'
import { contactSheet } from './detect/contactSheet.ts'
import { detectVideo } from './detect/detectVideo.ts'
import { eventsJson, percent, scoresCsv, span, subtitles, title } from './detect/files.ts'
import type { Finding } from './detect/findings.ts'
import { sparkline } from './detect/sparkline.ts'
import { createTerminal } from './run/terminal.ts'
import { writeFiles } from './writeFiles.ts'

interface DetectOptions {
  readonly sampleRate?: number
  readonly fps?: number
  readonly maxFrames?: number
  readonly events: readonly string[]
  readonly outputDir?: string
  readonly model: string
  readonly variant: string
  readonly scoring: 'two-way' | 'softmax'
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ watchword detect street.mp4
  $ watchword detect street.mp4 --sample-rate 5 --max-frames 100
  $ watchword detect street.mp4 --fps 4 --events person_walking,dog --output-dir found
  $ watchword detect street.mp4 --json | jq '.events[].event'`

export function register(program: Command): void {
  program
    .command('detect')
    .description('find events in a video')
    .argument('<video>', 'anything ffmpeg reads')
    .option('--sample-rate <n>', 'take every n-th frame', count)
    .option('--fps <f>', 'take f frames a second (default: 4)', positive)
    .option('--max-frames <n>', 'stop after n frames', count)
    .option('--events <names>', 'from the prompt library, separated by commas', eventNames, [...DEFAULT_EVENTS])
    .option('--output-dir <dir>', 'write events.json, scores.csv, events.srt and contact-sheet.png there')
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
    .option('--variant <name>', 'fp32, fp16, int8, int4, …', 'int8')
    .addOption(
      new Option('--scoring <mode>', 'each event on its own, or all against each other')
        .choices(['two-way', 'softmax'])
        .default('two-way'),
    )
    .option('--json', 'print events.json instead of a timeline')
    .addHelpText('after', EXAMPLES)
    .action(detect)
}

async function detect(video: string, options: DetectOptions): Promise<void> {
  const terminal = createTerminal('pretty')
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const { findings, facts } = await detectVideo(
    video,
    { ...options, library: readLibrary() },
    {
      onFinding: finding => options.json || print(findingLine(finding)),
      onStep: terminal.say,
      onLog: terminal.log,
    },
  )
  const { found, rows } = findings
  const json = eventsJson(facts, found)
  if (options.json) process.stdout.write(json)
  else
    print(`${found.length} ${found.length === 1 ? 'event' : 'events'} in ${rows.length} frames of ${basename(video)}`)
  if (options.outputDir === undefined) return
  await writeFiles(options.outputDir, {
    'events.json': json,
    'scores.csv': scoresCsv(options.events, rows),
    'events.srt': subtitles(found),
    'contact-sheet.png': await contactSheet(`${basename(video)}  ${facts.model} ${facts.variant}`, found),
  })
  if (!options.json) print(`written to ${join(options.outputDir, '')}`)
}

/** `person walking       00:12.0 – 00:19.5  peak 92 %  ▁▃▇█▇▂` */
function findingLine({ event, curve }: Finding): string {
  return `${title(event).padEnd(20)} ${span(event)}  peak ${percent(event.topScore).padStart(5)}  ${sparkline(curve)}`
}
