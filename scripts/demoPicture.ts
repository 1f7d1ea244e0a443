/** Makes docs/images/demo.jpg, the picture at the top of the README: six moments of the demo's world. */

import sharp from 'sharp'
import { createWorld } from '../src/demo/world/createWorld.ts'
import type { SceneTruth, WorldOptions } from '../src/demo/world/world.ts'

const [WIDTH, HEIGHT, COLUMNS, GAP] = [480, 270, 3, 4]
/** Drawn larger than shown. */
const DRAWN = { width: 960, height: 540 }

type Shot = Pick<WorldOptions, 'view' | 'light' | 'weather' | 'seed'> & { wanted(truth: SceneTruth): boolean }

const crowd = ({ people, objects }: SceneTruth) =>
  people >= 8 && objects.every(({ kind, action }) => kind !== 'person' || action === 'standing')
const stops =
  (...kinds: string[]) =>
  ({ objects }: SceneTruth) =>
    objects.some(({ kind, action, visible }) => kinds.includes(kind) && action === 'stopped' && visible > 0.95)
const sees = (kind: string, height: number) => (truth: SceneTruth) =>
  truth.objects.some(({ kind: k, visible, box }) => k === kind && visible > 0.95 && box[3] > height)

const SHOTS: readonly Shot[] = [
  { view: 'street', light: 'day', weather: 'clear', seed: 2, wanted: crowd },
  {
    view: 'crossing',
    light: 'day',
    weather: 'clear',
    seed: 2,
    wanted: truth => stops('car', 'van', 'bus')(truth) && sees('person', 0.15)(truth),
  },
  { view: 'plaza', light: 'dusk', weather: 'clear', seed: 3, wanted: crowd },
  { view: 'street', light: 'night', weather: 'rain', seed: 6, wanted: stops('car') },
  { view: 'plaza', light: 'day', weather: 'rain', seed: 2, wanted: sees('person', 0.28) },
  { view: 'crossing', light: 'infrared', weather: 'clear', seed: 5, wanted: sees('person', 0.17) },
]

const tiles = await Promise.all(SHOTS.map(photograph))
const rows = Math.ceil(tiles.length / COLUMNS)
await sharp({
  create: {
    width: COLUMNS * (WIDTH + GAP) - GAP,
    height: rows * (HEIGHT + GAP) - GAP,
    channels: 3,
    background: '#101214',
  },
})
  .composite(
    tiles.map((input, i) => ({
      input,
      left: (i % COLUMNS) * (WIDTH + GAP),
      top: Math.floor(i / COLUMNS) * (HEIGHT + GAP),
    })),
  )
  .jpeg({ quality: 84, mozjpeg: true })
  .toFile('docs/images/demo.jpg')

async function photograph({ wanted, ...shot }: Shot): Promise<Buffer> {
  const world = createWorld({ ...shot, ...DRAWN, durationSeconds: 600, startTime: Date.UTC(2026, 1, 14, 8, 31) })
  const moments = Array.from({ length: 1190 }, (_, i) => i / 2)
  const at = moments.find(seconds => wanted(world.truthAt(seconds)))
  if (at === undefined) throw new Error(`Nothing to see in ${JSON.stringify(shot)}`)
  const pixels = world.draw(at + 0.8)
  return sharp(pixels, { raw: { ...DRAWN, channels: 4 } })
    .removeAlpha()
    .resize(WIDTH, HEIGHT)
    .png()
    .toBuffer()
}
