/**
 * Renders labelled stills of the demo world for training: one packed uint8 file and one truth line per still.
 *
 * usage: tsx training/render.ts --split train --worlds 400 --studio 12000 [--stills 12] [--distance far] [--shard 0/2] [--out training/data]
 *
 * Two sorts: moments of scripted worlds, the rarer ones preferred, and studio stills of random people and vehicles. Each goes the
 * way a camera's picture goes: drawn at 640x360, compressed (JPEG at a random quality stands for H.264), stretched to
 * the model's square with a cubic filter. Seeds are `<split>-<n>` and `<split>-studio-<n>`: splits never share one.
 *
 * `--distance far` writes crops of far scenes instead, each a still with a truth of its own: `crops.ts`.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { createWorld } from '../src/demo/world/createWorld.ts'
import { createStillRenderer } from '../src/demo/world/stillRenderer.ts'
import { type Distance, type SceneTruth, VIEWS, videoSizeOf, type WorldOptions } from '../src/demo/world/world.ts'
import { createRandom, type Random } from '../src/util/random.ts'
import { cropsOf } from './crops.ts'

const SIZE = 192 // pixels, the model's input side
const DURATION_SECONDS = 480
const CANDIDATES = 60 // moments looked at per world; the rarer kinds of moment are preferred

const LIGHTS: readonly WorldOptions['light'][] = ['day', 'day', 'dusk', 'night', 'infrared', 'cycle']
const WEATHERS: readonly WorldOptions['weather'][] = ['clear', 'clear', 'rain', 'fog', 'cycle']

const { values } = parseArgs({
  options: {
    split: { type: 'string', default: 'train' },
    worlds: { type: 'string', default: '400' },
    studio: { type: 'string', default: '0' },
    stills: { type: 'string', default: '12' },
    distance: { type: 'string', default: 'near' },
    shard: { type: 'string', default: '0/1' },
    out: { type: 'string', default: 'training/data' },
  },
})
if (values.distance !== 'near' && values.distance !== 'far')
  throw new Error(`Expected \`--distance\` to be near or far, got ${values.distance}`)
const DISTANCE: Distance = values.distance
const { width: WIDTH, height: HEIGHT } = videoSizeOf(DISTANCE)
/** Far backgrounds are four times as large in memory. */
const VARIANTS = DISTANCE === 'far' ? 5 : 24
const [shard, shards] = values.shard.split('/').map(Number) as [number, number]
sharp.concurrency(1)
mkdirSync(values.out, { recursive: true })
const pixels = openSync(`${values.out}/${values.split}-${shard}.u8`, 'w')
const truths = openSync(`${values.out}/${values.split}-${shard}.jsonl`, 'w')
const seen = new Map<string, number>()
const startedAt = Date.now()
let written = 0

for (let n = shard; n < Number(values.worlds); n += shards) await renderWorld(`${values.split}-${n}`)
const studio = createStillRenderer({ width: WIDTH, height: HEIGHT }, VARIANTS, DISTANCE)
for (let n = shard; n < Number(values.studio); n += shards) {
  const seed = `${values.split}-studio-${n}`
  const random = createRandom(seed)
  const still = studio.still(random)
  await keep({ seed, view: still.view, ...still.truth }, still.draw(), random)
}
closeSync(pixels)
closeSync(truths)

async function renderWorld(seed: string): Promise<void> {
  const random = createRandom(`still/${seed}`)
  const options: WorldOptions = {
    seed,
    view: random.pick(VIEWS),
    distance: DISTANCE,
    durationSeconds: DURATION_SECONDS,
    light: random.pick(LIGHTS),
    weather: random.pick(WEATHERS),
    width: WIDTH,
    height: HEIGHT,
    startTime: Date.UTC(
      2026,
      random.integer(0, 11),
      random.integer(1, 28),
      random.integer(0, 23),
      random.integer(0, 59),
    ),
  }
  const world = createWorld(options)
  const candidates = Array.from({ length: CANDIDATES }, () => world.truthAt(random.between(0, DURATION_SECONDS)))
  const chosen = Array.from({ length: Number(values.stills) }, () => choose(candidates, random))
  for (const truth of chosen.sort((a, b) => a.at - b.at)) {
    await keep({ seed, view: options.view, ...truth }, world.draw(truth.at), random)
  }
}

interface StillTruth extends SceneTruth {
  readonly seed: string
  readonly view: WorldOptions['view']
}

async function keep(truth: StillTruth, rgba: Uint8ClampedArray, random: Random): Promise<void> {
  const image = await photograph(rgba, random)
  if (DISTANCE === 'far') {
    const crops = await cropsOf({ image, width: WIDTH, height: HEIGHT, truth, size: SIZE }, random)
    for (const crop of crops) write(crop.pixels, { ...truth, ...crop.truth })
  } else write(await image.resize(SIZE, SIZE, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer(), truth)
}

function write(still: Buffer, truth: StillTruth): void {
  writeSync(pixels, still)
  writeSync(truths, `${JSON.stringify(truth)}\n`)
  written++
  if (written % 500 === 0) console.log(`${written} stills, ${((Date.now() - startedAt) / written).toFixed(1)} ms each`)
}

/** Two in three are the candidate whose kind was seen least so far; the others are as they come. */
function choose(candidates: SceneTruth[], random: Random): SceneTruth {
  const rarest = (a: number, b: number) => (seen.get(kindOf(at(a))) ?? 0) - (seen.get(kindOf(at(b))) ?? 0)
  const at = (i: number) => candidates[i] as SceneTruth
  const order = candidates.map((_, i) => i)
  const index = random.chance(0.67) ? (order.sort(rarest)[0] as number) : random.integer(0, candidates.length - 1)
  const [truth] = candidates.splice(index, 1) as [SceneTruth]
  seen.set(kindOf(truth), (seen.get(kindOf(truth)) ?? 0) + 1)
  return truth
}

/** What sort of moment it is: how many people and what they do, what the vehicles do, and who else is there. */
function kindOf(truth: SceneTruth): string {
  const visible = truth.objects.filter(object => object.visible >= 0.5 && object.action !== 'parked')
  const people = visible.filter(object => object.kind === 'person')
  const walking = people.some(person => person.action === 'walking')
  const crowd = [0, 1, 2, 3, 6, 9].filter(level => people.length >= level).at(-1)
  const others = new Set(
    visible.filter(object => object.kind !== 'person').map(({ kind, action }) => `${kind}:${action}`),
  )
  return [crowd, walking, ...[...others].sort()].join()
}

/** As a camera's video shows it. */
async function photograph(rgba: Uint8ClampedArray, random: Random): Promise<Sharp> {
  const raw = { width: WIDTH, height: HEIGHT, channels: 4 as const }
  const jpeg = await sharp(rgba, { raw })
    .removeAlpha()
    .jpeg({ quality: random.integer(30, 92) })
    .toBuffer()
  const decoded = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
  return sharp(decoded.data, { raw: decoded.info as { width: number; height: number; channels: 3 } })
}
