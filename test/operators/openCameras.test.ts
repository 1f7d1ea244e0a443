import { map, NEVER, type Observable, throwError } from 'rxjs'
import { expect, test } from 'vitest'
import { openCameras } from '../../src/operators/openCameras.ts'
import type { WatchedCamera, WatchState } from '../../src/operators/watchState.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { frame } from '../support/frames.ts'
import { marbles } from '../support/virtualTime.ts'

function camera(name: string, rest: Partial<WatchedCamera> = {}): WatchedCamera {
  const motion = { enabled: true, threshold: 0.004, refreshMs: 10_000 }
  return { camera: name, enabled: true, revision: '1', motion, events: ['car'], ...rest }
}

function stateOf(...cameras: WatchedCamera[]): WatchState {
  return {
    cameras,
    events: [],
    texts: { variant: 'fake', logitScale: 1, calibration: { centre: 0, width: 1 }, events: [] },
  }
}

/** Frames by their number, statuses by the first letter of their state. */
const nameOf = map((signal: Signal<Frame>) => (signal.kind === 'frame' ? String(signal.seq) : signal.state.slice(0, 1)))

const values = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map(seq => [String(seq), frame('a', 0, { seq })]))

test('a camera that the state no longer names is closed, and its status says so', () => {
  marbles().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
    const a = cold('   --1--2--3--', values)
    const states = hot('p-----q----|', { p: stateOf(camera('a')), q: stateOf() })
    const closed = '   ^-----!     '
    const signals = '  --1--2d----|'
    expectObservable(
      states.pipe(
        openCameras(() => a),
        nameOf,
      ),
    ).toBe(signals)
    expectSubscriptions(a.subscriptions).toBe(closed)
  })
})

test('unsubscribed, every camera is closed', () => {
  marbles().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
    const a = cold('    --1--2--3--', values)
    const states = hot(' p----------', { p: stateOf(camera('a'), camera('b')) })
    const unsubscribed = '----!     '
    expectObservable(
      states.pipe(
        openCameras(() => a),
        nameOf,
      ),
      unsubscribed,
    ).toBe('--(11)')
    expectSubscriptions(a.subscriptions).toBe(['^---!', '^---!'])
    expectSubscriptions(states.subscriptions).toBe('^---!')
  })
})

test('a state that changes something else leaves cameras running; a new revision opens them again', () => {
  marbles().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
    const a = cold('   --1--2--3--4', values)
    const states = hot('p--q--r-----|', {
      p: stateOf(camera('a')),
      q: stateOf(camera('a', { events: [] })),
      r: stateOf(camera('a', { revision: '2' })),
    })
    const signals = '  --1--2d-1--2'
    expectObservable(
      states.pipe(
        openCameras(() => a),
        nameOf,
      ),
      '------------!',
    ).toBe(signals)
    expectSubscriptions(a.subscriptions).toBe(['^-----!', '------^-----!'])
  })
})

test('disabled and enabled again; one that has ended stays closed until then', () => {
  marbles().run(({ hot, cold, expectObservable }) => {
    const a = cold('   -1|         ', values)
    const off = stateOf(camera('a', { enabled: false }))
    const states = hot('p--p--o--p--|', { p: stateOf(camera('a')), o: off })
    const signals = '  -1----d---1-|'
    expectObservable(
      states.pipe(
        openCameras(() => a),
        nameOf,
      ),
    ).toBe(signals)
  })
})

test('the error of one camera is its own status and ends no other', () => {
  marbles().run(({ hot, cold, expectObservable }) => {
    const sources: Record<string, Observable<Signal<Frame>>> = {
      a: cold('        --1--2--|  ', values),
      b: throwError(() => new Error('no such file')),
    }
    const states = hot('p|         ', { p: stateOf(camera('a'), camera('b')) })
    const signals = '  o-1--2--|  '
    expectObservable(
      states.pipe(
        openCameras(({ camera: name }) => sources[name] ?? NEVER),
        nameOf,
      ),
    ).toBe(signals)
  })
})

test('what went wrong is reported on the camera’s own clock', () => {
  const reported: Signal<Frame>[] = []
  marbles().run(({ cold, flush }) => {
    const broken = cold<Signal<Frame>>('1#', { 1: frame('a', 5000) }, new Error('pipe\nbroke'))
    cold('p|', { p: stateOf(camera('a')) })
      .pipe(openCameras(() => broken))
      .subscribe(signal => reported.push(signal))
    flush()
  })
  expect(reported.at(-1)).toEqual({
    kind: 'status',
    camera: 'a',
    at: 5000,
    state: 'offline',
    problem: null,
    reason: 'crash',
    detail: 'pipe broke',
    retryInMs: null,
  })
})
