/** `watchword demo`: renders a synthetic scene as a video with ground-truth labels. */

import { type Command, Option } from 'commander'
import { renderVideo } from '../demo/renderVideo.ts'
import { createWorld } from '../demo/world/createWorld.ts'
import {
  DEFAULT_VIDEO,
  DISTANCES,
  type Distance,
  LIGHT_COURSES,
  VIEWS,
  videoSizeOf,
  WEATHER_COURSES,
  type WorldOptions,
} from '../demo/world/world.ts'
import { findFfmpeg } from '../sources/ffmpeg/findFfmpeg.ts'
import { WatchwordError } from '../util/errors.ts'
import { positive } from './arguments.ts'
import { createProgress } from './progress.ts'

interface DemoOptions {
  readonly render: string
  readonly labels?: string
  readonly scene: WorldOptions['view']
  readonly distance: Distance
  readonly lighting: WorldOptions['light']
  readonly weather: WorldOptions['weather']
  readonly seed: string
  readonly seconds: number
  readonly fps: number
  readonly width?: number
  readonly height?: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  $ watchword demo --render street.mp4 --labels street.json
  $ watchword demo --render night.mp4 --scene plaza --lighting night --weather rain --seed 7 --seconds 600`

export function register(program: Command): void {
  program
    .command('demo')
    .description('render a demo scene as a video, with ground-truth labels')
    .requiredOption('--render <file>', 'output file: .mp4, .mkv, .mov or .avi')
    .option('--labels <file>', 'write the ground-truth labels as JSON to this file')
    .addOption(new Option('--scene <name>').choices(VIEWS).default('street'))
    .addOption(new Option('--distance <name>', 'far: seen from a roof').choices(DISTANCES).default('near'))
    .addOption(new Option('--lighting <name>').choices(LIGHT_COURSES).default('day'))
    .addOption(new Option('--weather <name>').choices(WEATHER_COURSES).default('clear'))
    .option('--seed <text>', 'the same seed gives the same video', '1')
    .option('--seconds <n>', 'duration in seconds', positive, 120)
    .option('--fps <n>', 'frames per second', positive, DEFAULT_VIDEO.fps)
    .option('--width <n>', 'width in pixels; default: 640, with far 1280', positive)
    .option('--height <n>', 'height in pixels; default: 360, with far 720', positive)
    .option('--json', 'print the labels as JSON')
    .addHelpText('after', EXAMPLES)
    .action(demo)
}

/** A fixed time (8:00 UTC on a past day), so that the burnt-in clock does not depend on when the video was rendered. */
const CLOCK_START = Date.UTC(2026, 0, 1, 8)

async function demo(options: DemoOptions): Promise<void> {
  const { scene, distance, lighting, weather, seed, seconds, fps, render: output, labels = null } = options
  const { width, height } = sizeOf(options)
  const world = createWorld({
    view: scene,
    distance,
    light: lighting,
    weather,
    seed,
    width,
    height,
    durationSeconds: seconds,
    startTime: CLOCK_START,
  })
  const ffmpeg = await findFfmpeg()
  const progress = createProgress(`rendering ${output}`, seconds)
  const interrupted = new AbortController()
  const interrupt = () =>
    interrupted.abort(new WatchwordError('Interrupted: nothing was written', { code: 'interrupted' }))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const { signal } = interrupted
  const facts = await renderVideo({
    world,
    fps,
    output,
    truth: labels,
    ffmpegPath: ffmpeg.path,
    onProgress: progress.at,
    signal,
  })
  progress.done()
  if (options.json) process.stdout.write(`${JSON.stringify(facts)}\n`)
  else process.stdout.write(`${output}: ${seconds} s, ${facts.spans.length} events\n`)
}

function sizeOf({ distance, width, height }: DemoOptions): { width: number; height: number } {
  const usual = videoSizeOf(distance)
  return { width: width ?? usual.width, height: height ?? usual.height }
}
