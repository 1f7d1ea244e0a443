import { expect, test } from 'vitest'
import { createConfigStore } from '../../../src/commands/run/configStore.ts'
import { watchStateOf } from '../../../src/commands/watchStateOf.ts'
import { parseConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import { applyCommand, type Command, watchedEvents } from '../../../src/operators/watchState.ts'
import { NO_TEXTS } from '../../support/noTexts.ts'

const read = (cameras: string) =>
  parseConfig(
    `cameras: { ${cameras} }\nevents: { walk: { use: person_walking }, stop: { use: vehicle_stopping } }`,
    'x.yaml',
    { library: readLibrary(), env: {} },
  ).config
const TWO = 'yard: { url: rtsp://h/1 }, door: { url: rtsp://h/2 }'

function setUp() {
  const first = read(TWO)
  const store = createConfigStore(first, NO_TEXTS)
  const commands: Command[] = []
  store.commands$.subscribe(command => commands.push(command))
  return { first, store, commands }
}

test('a command is in force before it is emitted', () => {
  const { store } = setUp()
  const seen: boolean[] = []
  store.commands$.subscribe(() => seen.push(store.watchState().cameras[0]?.enabled ?? true))
  store.request({ type: 'camera', camera: 'yard', enabled: false })
  expect(seen).toEqual([false])
})

test('the emitted commands lead the pipeline to the state of the store', () => {
  const { first, store, commands } = setUp()
  store.request({ type: 'event', event: 'walk', camera: null, enabled: false })
  store.request({ type: 'event', event: 'walk', camera: 'door', enabled: true })
  store.request({ type: 'threshold', event: 'stop', threshold: 0.9 })
  const next = read(`${TWO}, gate: { url: rtsp://h/3 }`)
  store.replace(next, watchStateOf(next, NO_TEXTS))
  expect(commands.reduce(applyCommand, watchStateOf(first, NO_TEXTS))).toEqual(store.watchState())
  expect([...watchedEvents(store.watchState(), 'door')].sort()).toEqual(['stop', 'walk'])
  expect(watchedEvents(store.watchState(), 'yard')).toEqual(['stop'])
})

test('a reload replaces cameras and events; other sections wait for the next start', () => {
  const { first, store } = setUp()
  const next = { ...read('gate: { url: rtsp://h/3 }'), data_dir: '/elsewhere' }
  store.replace(next, watchStateOf(next, NO_TEXTS))
  expect(Object.keys(store.config().cameras)).toEqual(['gate'])
  expect(store.watched()).toEqual({ gate: ['walk', 'stop'] })
  expect(store.config().data_dir).toBe(first.data_dir)
})

test('a requested snapshot is passed on and changes no state', () => {
  const { store, commands } = setUp()
  const before = store.watchState()
  store.request({ type: 'snapshot', camera: 'yard', deliver: () => undefined })
  expect(commands.map(({ type }) => type)).toEqual(['snapshot'])
  expect(store.watchState()).toEqual(before)
})
