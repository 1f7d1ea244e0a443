import { map } from 'rxjs'
import { expect, test } from 'vitest'
import { hiddenBlocks } from '../../src/operators/markStill/hiddenBlocks.ts'
import { lumaBlocks, wholeGrid } from '../../src/operators/markStill/lumaBlocks.ts'
import { type SceneState, sceneStep } from '../../src/operators/markStill/sceneStep.ts'
import { type MarkStillOptions, markStill } from '../../src/operators/markStill.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { createRandom } from '../../src/util/random.ts'
import { image, imageFrame, status } from '../support/frames.ts'
import { marbles } from '../support/virtualTime.ts'

const SIZE = 112
const OPTIONS: MarkStillOptions = { enabled: true, threshold: 0.004, refreshMs: 10_000 }

interface Thing {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly grey: number
}

/** A street with a kerb and houses; things stand on it. */
function street(
  things: readonly Thing[] = [],
  { light = 0, noise = () => 0 }: { light?: number; noise?: () => number } = {},
) {
  return image(SIZE, (x, y) => {
    const thing = things.find(one => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height)
    const ground = y > 60 ? 90 : y > 52 ? 150 : (x >> 4) % 2 === 0 ? 120 : 70
    return (thing ? thing.grey : ground) + light + noise()
  })
}

const car = (x: number): Thing => ({ x, y: 66, width: 32, height: 16, grey: 200 })
const walker = (x: number): Thing => ({ x, y: 84, width: 4, height: 12, grey: 20 })

function blocksOf(pixels: Uint8Array): Float32Array {
  const size = Math.sqrt(pixels.length / 3)
  return lumaBlocks(pixels, { width: size, height: size }, wholeGrid(size))
}

/** Judges pictures a second apart, or as far as given. */
function judge(pictures: readonly Uint8Array<ArrayBuffer>[], options: Partial<MarkStillOptions> = {}, periodMs = 1000) {
  let state: SceneState | null = null
  return pictures.map((pixels, index) => {
    const [next, judged] = sceneStep(state, blocksOf(pixels), index * periodMs, {
      ...OPTIONS,
      ...options,
    })
    state = next
    return judged
  })
}

const seconds = (count: number) => Array.from({ length: count }, (_, second) => second)

test('the same scene is still, another one is not; a lost camera starts again', () => {
  const pictures = { a: street(), b: street([car(40)]) }
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const values: Record<string, Signal<Frame>> = {
      a: imageFrame(0, pictures.a),
      b: imageFrame(0, pictures.b),
      x: status('a', 0, 'offline'),
    }
    const frames = hot('  a--a--b--b--b--x--a--|', values)
    const subscribed = '  ^--------------------!'
    const marked = '      A--a--B--B--b--x--A--|'
    const names$ = frames.pipe(
      markStill(OPTIONS),
      map(signal => {
        if (signal.kind === 'status') return 'x'
        const name = signal.pixels === pictures.a ? 'a' : 'b'
        return signal.still ? name : name.toUpperCase()
      }),
    )
    expectObservable(names$).toBe(marked)
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
  })
})

test('unsubscribed, it lets go', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const frames = hot<Frame>('a--a--', { a: imageFrame(0, street()) })
    expectObservable(
      frames.pipe(
        markStill(OPTIONS),
        map(() => 'a'),
      ),
      '-!',
    ).toBe('a')
    expectSubscriptions(frames.subscriptions).toBe('^!')
  })
})

test('switched off, motion is measured but nothing is called still', () => {
  const [first, second] = [imageFrame(0, street()), imageFrame(1000, street([car(40)]))]
  const seen: { still: boolean; motion: number }[] = []
  marbles().run(({ cold, flush }) => {
    cold<Frame>('abb|', { a: first, b: second })
      .pipe(markStill({ ...OPTIONS, enabled: false }))
      .subscribe(signal => {
        if (signal.kind === 'frame') seen.push(signal)
      })
    flush()
  })
  expect(seen.map(({ still }) => still)).toEqual([false, false, false])
  expect(seen[1]?.motion).toBeGreaterThan(0.02)
})

test('a still scene is let through at every keepalive', () => {
  const judged = judge(seconds(31).map(() => street()))
  expect(judged.flatMap(({ still }, second) => (still ? [] : [second]))).toEqual([0, 10, 20, 30])
})

test('sensor noise is not motion, whether faint or strong', () => {
  for (const deviation of [2, 6, 12]) {
    const random = createRandom(deviation)
    const judged = judge(seconds(60).map(() => street([], { noise: () => random.normal(0, deviation) })))
    const later = judged.slice(20)
    // Four of the forty are let through by the keepalive.
    expect(later.filter(({ still }) => still).length).toBeGreaterThanOrEqual(32)
    expect(Math.max(...later.map(({ motion }) => motion))).toBeLessThan(0.01)
  }
})

test('light that changes slowly is not motion', () => {
  const judged = judge(seconds(40).map(second => street([], { light: second * 0.8 - 16 })))
  expect(Math.max(...judged.map(({ motion }) => motion))).toBe(0)
  expect(judged.filter(({ still }) => still).length).toBeGreaterThan(30)
})

test('a lamp switched on is another scene, but not motion, and nothing has come to rest', () => {
  const judged = judge([...seconds(5).map(() => street()), ...seconds(5).map(() => street([], { light: 60 }))])
  expect(judged[5]).toEqual({ motion: 0, settled: 0, still: false })
  expect(judged.slice(6)).toEqual(seconds(4).map(() => ({ motion: 0, settled: 0, still: true })))
})

test('a cut to another picture is motion', () => {
  const other = image(SIZE, (x, y) => (((x >> 3) + (y >> 3)) % 2) * 160)
  const [, , cut] = judge([street(), street(), other])
  expect(cut).toMatchObject({ still: false, settled: 0 })
  expect(cut?.motion).toBeGreaterThan(0.6)
})

test('a camera that shakes by half a pixel sees no motion', () => {
  // Houses drawn at twice the size and averaged, so that half a pixel can be had.
  const service = (x: number) => (((x + 16) >> 5) % 2 === 0 ? 60 : 160)
  const shaken = (shift: number) =>
    image(224, (x, y) => (y > 80 ? 90 : (service(2 * x + shift) + service(2 * x + 1 + shift)) / 2))
  const judged = judge(seconds(12).map(second => shaken(second % 2)))
  expect(Math.max(...judged.map(({ motion }) => motion))).toBe(0)
})

test('somebody small who walks is motion, and the scene another one', () => {
  const judged = judge([...seconds(5).map(() => street()), ...seconds(20).map(step => street([walker(5 + step * 5)]))])
  for (const { motion, still } of judged.slice(6)) {
    expect(motion).toBeGreaterThan(0.004)
    expect(still).toBe(false)
  }
})

test('creeping change is seen although every step is small', () => {
  const judged = judge(seconds(10).map(second => street([{ ...car(40), grey: 90 + second * 4 }])))
  expect(judged.slice(1).some(({ still }) => !still)).toBe(true)
})

test('what comes to rest has settled; what passes, and what was always there, has not', () => {
  const parked = { ...car(4), grey: 30 }
  const empty = seconds(30).map(() => street([parked]))
  const arriving = [70, 60, 52, 46].map(x => street([parked, car(x)]))
  const standing = seconds(12).map(second => street([parked, car(44), walker(2 + second * 8)]))
  const leaving = [36, 20].map(x => street([parked, car(x)]))
  const gone = seconds(10).map(() => street([parked]))
  const judged = judge([...empty, ...arriving, ...standing, ...leaving, ...gone])
  const settledIn = (from: number, count: number) => judged.slice(from, from + count).map(({ settled }) => settled)

  expect(Math.max(...settledIn(0, 30))).toBe(0)
  const whileStanding = settledIn(30 + 4 + 3, 9)
  expect(Math.min(...whileStanding)).toBeGreaterThan(0.02)
  expect(Math.max(...settledIn(30 + 4 + 12 + 2 + 3, 7))).toBe(0)
})

test('what stays for long becomes part of the scene', () => {
  const judged = judge([...seconds(20).map(() => street()), ...seconds(100).map(() => street([car(40)]))])
  expect(judged[30]?.settled).toBeGreaterThan(0.02)
  expect(judged.at(-1)?.settled).toBe(0)
})

test('time that jumps back starts again', () => {
  let state: SceneState | null = null
  const at = (time: number) => {
    const [next, judged] = sceneStep(state, blocksOf(street()), time, OPTIONS)
    state = next
    return judged.still
  }
  expect([at(5000), at(6000), at(-3_594_000), at(-3_593_000)]).toEqual([false, true, false, true])
})

test('any picture size will do', () => {
  for (const size of [1, 2, 27, 28, 57, 112, 224, 336]) {
    const blocks = blocksOf(image(size, () => 100))
    expect(blocks.length).toBe(Math.min(28, size) ** 2)
    expect([...blocks].every(value => value === 100)).toBe(true)
  }
})

test('masks over most of the image change neither the light nor what counts as another scene', () => {
  // The lower part, with everything that happens, stays visible.
  const masks = [
    [
      [0, 0],
      [1, 0],
      [1, 0.5],
      [0, 0.5],
    ],
  ] as const
  const hidden = hiddenBlocks(masks, wholeGrid(SIZE))
  const masked = (pixels: Uint8Array<ArrayBuffer>) => pixels.map((value, i) => (i < (SIZE / 2) * SIZE * 3 ? 0 : value))
  const pictures = [
    ...seconds(5).map(() => street()),
    ...seconds(5).map(second => street([], { light: 3 * (second + 1) })),
    street([], { light: 60 }),
    street([car(40)], { light: 60 }),
  ].map(masked)
  const judged = judge(pictures, { hidden })
  expect(judged.slice(0, 11).map(({ motion }) => motion)).toEqual(Array(11).fill(0))
  expect(judged[11]?.motion).toBeGreaterThan(0.02)
  // Without knowing the masks, the change of light of the visible half counts as motion.
  expect(judge(pictures).some(({ motion }, i) => i < 11 && motion > 0)).toBe(true)
})
