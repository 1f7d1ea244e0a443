import { describe, expect, test } from 'vitest'
import { SAMPLE_VIEW } from '../../../src/operators/views/sampleWindow.ts'
import { type ViewState, type ViewStepOptions, viewStep } from '../../../src/operators/views/viewStep.ts'
import type { Frame, PartialView, Zone } from '../../../src/types.ts'
import { HEIGHT, SIZE, sceneFrame, type Thing, WIDTH, walker } from './scenes.ts'

const OPTIONS: ViewStepOptions = { crops: 2, zones: [], threshold: 0.004, refreshMs: 10_000 }
const LEFT: Zone = {
  name: 'left',
  polygon: [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ],
}

function run(frames: readonly Frame[], options: Partial<ViewStepOptions> = {}): (readonly PartialView[])[] {
  let state: ViewState | null = null
  return frames.map(frame => {
    const [next, views] = viewStep(state, frame, { ...OPTIONS, ...options })
    state = next
    return views
  })
}

/** A second apart. */
const scenes = (things: readonly (readonly Thing[])[], zones: readonly string[] = []) =>
  things.map((each, i) => sceneFrame(i * 1000, each, zones))

const crops = (views: readonly PartialView[] | undefined) => (views ?? []).filter(({ kind }) => kind === 'crop')

function contains({ box }: PartialView, { x, y, width, height }: Thing): boolean {
  const [left, top] = [box.x * WIDTH, box.y * HEIGHT]
  return x >= left && y >= top && x + width <= left + SIZE && y + height <= top + SIZE
}

describe('crops', () => {
  test('a still scene has none', () => {
    for (const views of run(scenes([[], [], [walker(90)], [walker(90)]].map(() => [walker(90)]))))
      expect(views).toEqual([])
  })

  test('a walker has one that shows all of it, centred', () => {
    const views = run(scenes([[], [], [], [walker(100)], [walker(104)]]))
    const [crop] = crops(views[3])
    expect(crop).toBeDefined()
    if (crop === undefined) return
    expect(contains(crop, walker(100))).toBe(true)
    const middle = (crop.box.x + crop.box.width / 2) * WIDTH
    expect(Math.abs(middle - 103)).toBeLessThan(10)
    expect(crop.pixels.length).toBe(SIZE * SIZE * 3)
  })

  test('its pixels are those of the detail image', () => {
    const frames = scenes([[], [], [], [walker(100)]])
    const [crop] = crops(run(frames)[3])
    const detail = frames[3]?.detail
    expect(crop !== undefined && detail).toBeTruthy()
    if (crop === undefined || !detail) return
    const [left, top] = [Math.round(crop.box.x * WIDTH), Math.round(crop.box.y * HEIGHT)]
    for (const [x, y] of [
      [0, 0],
      [SIZE - 1, 0],
      [17, 41],
      [SIZE - 1, SIZE - 1],
    ] as const)
      expect(crop.pixels[(y * SIZE + x) * 3]).toBe(detail.pixels[((top + y) * WIDTH + left + x) * 3])
  })

  test('it stays where it is while the walker is inside, and follows at its edge under the same name', () => {
    const steps = Array.from({ length: 12 }, (_, i) => [walker(100 + i * 6)])
    const views = run(scenes([[], [], [], ...steps])).slice(3)
    const boxes = views.map(view => crops(view)[0]?.box.x)
    expect(new Set(views.map(view => crops(view)[0]?.id)).size).toBe(1)
    expect(boxes[0]).toBe(boxes[1])
    expect(boxes[1]).toBe(boxes[2])
    expect(boxes.at(-1)).not.toBe(boxes[0])
    for (const [i, view] of views.entries())
      expect(contains(crops(view)[0] as PartialView, walker(100 + i * 6))).toBe(true)
  })

  test('stays in the image at its corner', () => {
    const views = run(scenes([[], [], [], [{ ...walker(WIDTH - 6, HEIGHT - 16) }]]))
    const [crop] = crops(views[3])
    expect(crop && crop.box.x + crop.box.width).toBeCloseTo(1)
    expect(crop && crop.box.y + crop.box.height).toBeCloseTo(1)
  })

  test('two walkers that fit into one window share it; two far apart have their own', () => {
    expect(crops(run(scenes([[], [], [], [walker(100), walker(120)]]))[3])).toHaveLength(1)
    expect(crops(run(scenes([[], [], [], [walker(20), walker(200)]]))[3])).toHaveLength(2)
  })

  test('never more than asked for', () => {
    const many = [walker(10), walker(90), walker(170), walker(240, 10)]
    for (const most of [0, 1, 2, 3])
      expect(crops(run(scenes([[], [], [], many]), { crops: most })[3])).toHaveLength(most)
  })

  test('while two walkers walk on, their crops take turns; for a short visit both are encoded', () => {
    const steps = Array.from({ length: 40 }, (_, i) => [walker(10 + 2 * i), walker(240 - 2 * i, 100)])
    const views = run(scenes([[], [], [], ...steps])).slice(3)
    const encoded = views.map(each => crops(each).filter(({ still }) => !still).length)
    expect(encoded.slice(0, 2)).toEqual([2, 2])
    expect(Math.max(...encoded.slice(-30))).toBe(1)
    const turns = views.slice(-8, -4).map(each => crops(each).find(({ still }) => !still)?.id)
    expect(new Set(turns).size).toBe(2)
  })

  test('what is larger than a window has none: the whole image shows it', () => {
    expect(crops(run(scenes([[], [], [], [{ x: 60, y: 20, width: 100, height: 90 }]]))[3])).toEqual([])
  })

  test('ends soon after its walker has left', () => {
    const views = run(scenes([[], [], [], [walker(100)], [], [], [], [], [], [], []]))
    expect(crops(views[4])).toHaveLength(1)
    expect(crops(views.at(-1))).toEqual([])
  })

  test('a change of light makes none', () => {
    const frames = scenes([[], [], [], [walker(100)]])
    const brighter = sceneFrame(4000, [{ x: 0, y: 0, width: WIDTH, height: HEIGHT, grey: 150 }])
    expect(run([...frames, brighter])[4]).toEqual([])
  })

  test('a clock in the image has none for long, and a walker who passes has one meanwhile', () => {
    const clock = (second: number): Thing => ({ x: 220, y: 4, width: 24, height: 10, grey: second % 2 ? 230 : 30 })
    const seconds = Array.from({ length: 60 }, (_, i) => i)
    const views = run(scenes(seconds.map(i => [clock(i), ...(i >= 50 ? [walker(20 + 4 * (i - 50))] : [])])))
    const isOfClock = (view: PartialView) => contains(view, clock(0))
    expect(crops(views[10]).some(isOfClock)).toBe(true)
    expect(crops(views[45])).toEqual([])
    expect(crops(views[55]).map(isOfClock)).toEqual([false])
  })

  test('a stream that is hardly larger than the model’s input has none', () => {
    const small = scenes([[], [], [], [walker(100)]]).map(frame => ({ ...frame, size: HEIGHT }))
    for (const views of run(small)) expect(views).toEqual([])
  })

  test('what came to rest is settled and still, so that it costs nothing', () => {
    const parked: Thing = { x: 120, y: 60, width: 24, height: 12 }
    const views = run(scenes([[], [], [], [{ ...parked, x: 90 }], parkedAt(105), ...Array(8).fill([parked])]))
    const last = crops(views.at(-1))[0]
    expect(last?.settled).toBeGreaterThan(0.02)
    expect(last?.motion).toBe(0)
    expect(last?.still).toBe(true)

    function parkedAt(x: number): readonly Thing[] {
      return [{ ...parked, x }]
    }
  })
})

describe('zones', () => {
  const zoned = (things: readonly (readonly Thing[])[]) =>
    run(scenes(things, ['left']), { zones: [LEFT], crops: 0 }).map(([view]) => view as PartialView)

  test('each has a view in every frame', () => {
    const views = zoned([[], [], []])
    expect(views.map(({ id, kind }) => [id, kind])).toEqual(Array(3).fill(['zone-left', 'zone']))
  })

  test('only motion inside counts', () => {
    expect(zoned([[], [], [], [walker(200)], [walker(210)]]).map(({ motion }) => motion)).toEqual([0, 0, 0, 0, 0])
    expect(zoned([[], [], [], [walker(50)]]).at(-1)?.motion).toBeGreaterThan(0)
  })

  test('an unchanged one is still, until its refresh', () => {
    const views = run(scenes([[], [], [], []], ['left']), { zones: [LEFT], refreshMs: 3000 })
    expect(views.map(([view]) => view?.still)).toEqual([false, true, true, false])
  })

  test('a crop knows how much of its subject lies in the zone', () => {
    const options = { zones: [LEFT] }
    const inside = crops(run(scenes([[], [], [], [walker(50)]], ['left']), options)[3])[0]
    const outside = crops(run(scenes([[], [], [], [walker(200)]], ['left']), options)[3])[0]
    expect(inside?.zones).toEqual({ left: 1 })
    expect(outside?.zones).toEqual({})
  })

  test('without its image from the source a zone has no view', () => {
    expect(run(scenes([[], []]), { zones: [LEFT] })[1]).toEqual([])
  })
})

describe('samples of quiet places', () => {
  const samples = (frames: readonly Frame[], wanted = true) =>
    run(frames, { samples: wanted }).map(views => views.filter(({ id }) => id === SAMPLE_VIEW))

  test('are taken where nothing happens, while something happens elsewhere', () => {
    const steps = Array.from({ length: 30 }, (_, i) => [walker(20 + 2 * i)])
    const frames = scenes([[], [], [], ...steps])
    const taken = samples(frames).flatMap((views, i) => views.map(view => ({ view, thing: steps[i - 3]?.[0] })))
    expect(taken.length).toBeGreaterThan(2)
    for (const { view, thing } of taken) {
      expect(thing).toBeDefined()
      if (thing) expect(overlaps(view, thing)).toBe(false)
    }
    expect(new Set(taken.map(({ view }) => `${view.box.x}/${view.box.y}`)).size).toBe(taken.length)
  })

  test('a still scene costs nothing, and neither does a model that needs none', () => {
    expect(samples(scenes(Array.from({ length: 30 }, () => []))).flat()).toEqual([])
    const steps = Array.from({ length: 20 }, (_, i) => [walker(20 + 2 * i)])
    expect(samples(scenes([[], [], ...steps]), false).flat()).toEqual([])
  })

  function overlaps({ box }: PartialView, { x, y, width, height }: Thing): boolean {
    const [left, top] = [box.x * WIDTH, box.y * HEIGHT]
    return x < left + SIZE && x + width > left && y < top + SIZE && y + height > top
  }
})
