/** Cameras and events whose names are also properties of every object go through config, pipeline, telemetry and discovery. */

import { EMPTY, lastValueFrom, NEVER, of, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { thresholdsOf, watchedOf, watchStateOf } from '../src/commands/watchStateOf.ts'
import { diffConfig } from '../src/config/diffConfig.ts'
import { parseConfig } from '../src/config/loadConfig.ts'
import { readLibrary } from '../src/config/promptLibrary.ts'
import { pipeline } from '../src/pipeline.ts'
import { createAnnouncer } from '../src/sinks/mqtt/announcer.ts'
import { createTopics } from '../src/sinks/mqtt/topics.ts'
import { createTelemetry } from '../src/telemetry/createTelemetry.ts'
import { createHealthChecks } from '../src/telemetry/healthChecks.ts'
import { DEFAULT_LIMITS } from '../src/telemetry/healthLimits.ts'
import type { Outcome } from '../src/types.ts'
import { createRedactor } from '../src/util/redactor.ts'
import { fakeEncoder } from './support/fakeEncoder.ts'
import { image, imageFrame, status } from './support/frames.ts'
import { recordTelemetry } from './support/recordTelemetry.ts'

const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf']

const configOf = (cameras: readonly string[], events: readonly string[]) =>
  parseConfig(
    JSON.stringify({
      cameras: Object.fromEntries(cameras.map(name => [name, { url: 'demo:street', motion: { enabled: false } }])),
      events: Object.fromEntries(
        events.map(name => [name, { prompts: [name], negative_prompts: ['x'], min_on: 0, min_off: 0, smoothing: 0 }]),
      ),
    }),
    'x.yaml',
    { library: readLibrary(), env: {} },
  ).config

describe.each(NAMES)('%s', name => {
  test('as a camera and an event begins, ends and has a score; as an event that is not watched it has none', async () => {
    const config = configOf([name], [name])
    const text = { positive: Float32Array.of(1, 0), contrast: [Float32Array.of(0, 1)], levels: null }
    const texts = {
      variant: 'fake',
      logitScale: 10,
      calibration: { centre: 0, width: 2 },
      events: [{ event: name, ...text }],
    }
    const frames = [220, 220, 20, 20].map((value, i) =>
      imageFrame(
        i * 1000,
        image(8, () => value),
        name,
      ),
    )
    const outcomes = await lastValueFrom(
      pipeline(
        {
          watchState: watchStateOf(config, texts),
          scoring: 'two-way',
          maxBatch: 1,
          maxQueueDelayMs: 1,
          lossless: true,
          updateEveryMs: 0,
          gapMs: 30_000,
        },
        {
          open: () => of(status(name, 0, 'online'), ...frames, status(name, 4000, 'ended')),
          encoder: fakeEncoder({ takesMs: () => 0, embed: pixels => ((pixels[0] ?? 0) > 128 ? [1, 0] : [0, 1]) }),
          telemetry: recordTelemetry(),
          commands$: EMPTY,
          stop$: NEVER,
        },
      ).pipe(toArray<Outcome>()),
    )
    const changes = outcomes.flatMap(outcome =>
      outcome.kind === 'event' ? [`${outcome.type} ${outcome.after.event}`] : [],
    )
    expect(changes[0]).toBe(`new ${name}`)
    expect(changes.at(-1)).toBe(`end ${name}`)
    const scored = outcomes.find(outcome => outcome.kind === 'frame')
    expect(Object.keys(scored?.scores ?? {})).toEqual([name])
    for (const other of NAMES.filter(each => each !== name)) expect(scored?.scores[other]).toBeUndefined()
  })

  test('comes and goes with a reload', () => {
    const [without, with_] = [configOf(['a'], ['e']), configOf(['a', name], ['e', name])]
    expect(diffConfig(without, with_).restarted).toEqual([name])
    expect(diffConfig(with_, without).removed).toEqual([name])
    expect(watchedOf(without)[name]).toBeUndefined()
    expect(thresholdsOf(without.events)[name]).toBeUndefined()
    expect(thresholdsOf(with_.events)[name]).toBe(0.5)
  })

  test('is announced once, forgotten, and announced again', () => {
    const topics = createTopics('watchword')
    const published = new Map<string, string>()
    const announcer = createAnnouncer({
      topics,
      topicPrefix: 'watchword',
      version: '1.0.0',
      discoveryPrefix: 'homeassistant',
      snapshots: true,
      retained: { set: (topic: string, payload: string) => void published.set(topic, payload) } as never,
      publishInfo: () => {},
    })
    announcer.declare({})
    expect(announcer.knows(name)).toBe(false)
    expect(announcer.knows(name, name)).toBe(false)
    announcer.declare({ [name]: [name] })
    expect(announcer.knows(name, name)).toBe(true)
    expect(published.get(topics.availability(name))).toBe('offline')
    expect(published.get(topics.state(name, name))).toBe('OFF')
    announcer.declare({})
    expect(published.get(topics.availability(name))).toBe('')
    expect(published.get(topics.state(name, name))).toBe('')
  })

  test('has metrics and health checks like any other, and leaves them', async () => {
    const hub = createTelemetry({ level: 'error', format: 'json', redact: createRedactor(), write: () => {} })
    hub.declare({ cameras: { [name]: [name] }, variants: [name] })
    hub.emit({ type: 'FrameReceived', camera: name, capturedAt: 0 })
    hub.declare({ cameras: {}, variants: [] })
    hub.emit({ type: 'FrameReceived', camera: name, capturedAt: 0 })
    hub.close()
    const healthChecks = createHealthChecks({ ...DEFAULT_LIMITS, wantedFps: { [name]: 1 } }, { emit: () => {} })
    healthChecks.observe({ type: 'CameraStatusChanged', status: status(name, 0, 'online') }, 0)
    healthChecks.measure({ now: 0, eventLoopSeconds: 0, disks: [] })
    expect([...healthChecks.states().keys()]).toContain(`camera/${name}`)
    expect(healthChecks.watch({}).map(({ subject }) => subject)).toContain(name)
  })
})
