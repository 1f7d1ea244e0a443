import { expect, test } from 'vitest'
import { detailsOf } from '../../../src/commands/run/detailsOf.ts'
import { switchEvent } from '../../../src/commands/run/switchEvent.ts'
import { watchStateOf } from '../../../src/commands/watchStateOf.ts'
import { parseConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import { applyCommand } from '../../../src/operators/watchState.ts'
import { createRedactor } from '../../../src/util/redactor.ts'
import { NO_TEXTS } from '../../support/noTexts.ts'

const CONFIG = `cameras:
  yard: { url: rtsp://h/1, name: Двор, area: Garden geheim123, configuration_url: "http://h/?token=geheim123" }
  door: { url: rtsp://h/2, enabled: false }
  gate: { url: rtsp://h/3, events: [dog], crops: 0 }
events:
  walk: { use: person_walking, threshold: 0.6, name: Somebody }
  dog: { use: dog }`
const { config } = parseConfig(CONFIG, 'x.yaml', { library: readLibrary(), env: {} })
const WATCHED = { yard: ['walk', 'dog'], door: ['walk', 'dog'], gate: ['dog'] }

/** Where each event is off after requests such as `walk on yard`, `walk off *`. */
function offAfter(...requests: readonly string[]) {
  let plan = watchStateOf(config, NO_TEXTS)
  for (const request of requests) {
    const [event = '', onOff, camera] = request.split(' ')
    const control = {
      type: 'event' as const,
      event,
      camera: camera === '*' ? null : String(camera),
      enabled: onOff === 'on',
    }
    plan = switchEvent(control, plan, WATCHED).reduce(applyCommand, plan)
  }
  const { cameras } = detailsOf(config, plan, createRedactor(['geheim123']))
  const off = (event: string) =>
    Object.entries(WATCHED).flatMap(([camera, events]) =>
      events.includes(event) && cameras.get(camera)?.disabledEvents.includes(event) ? [camera] : [],
    )
  return { walk: off('walk'), dog: off('dog') }
}

test.each([
  [['walk off yard'], ['yard'], []],
  [['walk off *'], ['yard', 'door'], []],
  [['walk off *', 'walk on yard'], ['door'], []],
  [['walk off yard', 'walk off *', 'walk on *'], [], []],
  [['dog off *', 'dog on gate', 'dog on door'], [], ['yard']],
  [['dog off gate', 'dog on gate'], [], []],
])('%j: walk is off on %j, dog on %j', (requests, walk, dog) => {
  expect(offAfter(...requests)).toEqual({ walk, dog })
})

test('details have the display settings and the switches in force', () => {
  const plan = applyCommand(watchStateOf(config, NO_TEXTS), {
    type: 'threshold',
    event: 'walk',
    threshold: 0.9,
  })
  const { cameras, events } = detailsOf(config, plan, createRedactor(['geheim123']))
  expect(cameras.get('yard')).toMatchObject({
    name: 'Двор',
    area: 'Garden ***',
    configurationUrl: 'http://h/?token=***',
    enabled: true,
    disabledEvents: [],
  })
  expect(cameras.get('door')).toEqual({ enabled: false, disabledEvents: [], hasCrops: true })
  expect(cameras.get('gate')).toMatchObject({ hasCrops: false })
  expect(events.get('walk')).toEqual({ name: 'Somebody', deviceClass: 'motion', icon: 'mdi:walk', threshold: 0.9 })
})
