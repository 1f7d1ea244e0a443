import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  createLiveState,
  fpsOf,
  showInternalEvent,
  showOutcome,
  watchCameras,
} from '../../../src/sinks/live/liveState.ts'
import { renderLive } from '../../../src/sinks/live/renderLive.ts'
import type { CameraStatus, MarkedFrame, WatchEvent } from '../../../src/types.ts'
import { change } from '../../support/change.ts'

const header = {
  title: 'watchword 0.1.0',
  notes: ['metrics http://x'],
  thresholds: { person_walking: 0.5, crowded_scene: 0.75 },
}
const status = (camera: string, state: CameraStatus['state'], detail: string | null = null): CameraStatus => ({
  kind: 'status',
  camera,
  at: 0,
  state,
  problem: null,
  reason: null,
  detail,
  retryInMs: null,
})
const scored = (camera: string, at: number, scores: Record<string, number>) =>
  ({
    kind: 'frame',
    frame: { camera, capturedAt: at, motion: 0.1, problem: null } as MarkedFrame,
    variant: 'int8',
    scores,
    rawScores: scores,
    views: [],
  }) as const
const event: WatchEvent = {
  id: 'a',
  camera: 'street',
  event: 'person_walking',
  startTime: 1000,
  endTime: null,
  frameTime: 1000,
  score: 0.9,
  topScore: 0.9,
  topTime: 1000,
  endReason: null,
  variant: 'int8',
  where: null,
  why: null,
}
const lines = (state: ReturnType<typeof createLiveState>, columns = 100, rows = 24) =>
  renderLive(header, state, { columns, rows }, 5000).map(line => stripVTControlCharacters(line))

describe('the live status', () => {
  test('shows a camera with its rate and a bar for every event', () => {
    const state = createLiveState(['street', 'yard'])
    showOutcome(state, status('street', 'online'))
    for (let i = 0; i <= 4; i++)
      showOutcome(state, scored('street', i * 500, { person_walking: 0.5, crowded_scene: 0 }))
    showOutcome(state, status('yard', 'offline', 'wrong password, next try in 2 min'))
    const text = lines(state).join('\n')
    expect(text).toMatch(/street +online +2\.0 +██████│░░░░░ +50 % +░{9}│░{2} +0 %/)
    expect(text).toMatch(/yard +offline +wrong password, next try in 2 min/)
  })

  test('marks open events, and shows their duration', () => {
    const state = createLiveState(['street'])
    showOutcome(state, {
      kind: 'event',
      type: 'new',
      seq: 0,
      before: null,
      after: event,
      snapshot: null,
      viewImage: null,
    })
    expect(lines(state).join('\n')).toMatch(/● .*street +person walking +4\.0 s +peak +90 %/)
    showOutcome(state, {
      kind: 'event',
      type: 'end',
      seq: 1,
      before: event,
      after: { ...event, endTime: 2500 },
      snapshot: null,
      viewImage: null,
    })
    expect(lines(state).join('\n')).toMatch(/ {2}\d.*street +person walking +1\.5 s/)
  })

  test('names the zones of an event', () => {
    const state = createLiveState(['street'])
    const where = { box: { x: 0, y: 0, width: 0.5, height: 0.5 }, zones: ['gate'], view: 'crop' } as const
    showOutcome(state, { ...change('new', 'a', 0), after: { ...event, where } })
    expect(lines(state).join('\n')).toMatch(/peak +90 % {2}in gate$/m)
  })

  test.each([30, 40, 47, 60, 80, 200])('no line is wider than a terminal of %i columns', columns => {
    const state = createLiveState(['street', 'the_camera_behind_the_house'])
    showOutcome(state, status('street', 'online'))
    showOutcome(state, scored('street', 0, { person_walking: 1, crowded_scene: 1 }))
    showOutcome(state, status('the_camera_behind_the_house', 'offline', 'no answer from 192.168.1.20 for 10 s'))
    showOutcome(state, {
      kind: 'event',
      type: 'new',
      seq: 0,
      before: null,
      after: event,
      snapshot: null,
      viewImage: null,
    })
    const drawn = lines(state, columns)
    expect(Math.max(...drawn.map(line => line.length))).toBeLessThanOrEqual(columns)
  })

  test('a note is wrapped between words, never truncated', () => {
    const notes = [
      'model     demo int8. For your cameras: npx watchword models pull clip-vit-base-patch32',
      'config    /a',
    ]
    const drawn = renderLive({ ...header, notes }, createLiveState(['street']), { columns: 60, rows: 24 }, 0)
    expect(drawn.slice(1, 4).map(line => stripVTControlCharacters(line))).toEqual([
      'model     demo int8. For your cameras: npx watchword models',
      '          pull clip-vit-base-patch32',
      'config    /a',
    ])
  })

  test('bars shrink in a narrow terminal, and events that do not fit are counted', () => {
    const state = createLiveState(['street'])
    showOutcome(state, status('street', 'online'))
    showOutcome(state, scored('street', 0, { person_walking: 1, crowded_scene: 1 }))
    expect(lines(state, 47).join('\n')).toMatch(/street +online +0\.0 +█{3} +100 % +█{3} +100 %/)
    expect(lines(state, 44).join('\n')).toMatch(/street +online +0\.0 +█{8} +100 %/)
    expect(lines(state, 44).join('\n')).toContain('+1')
  })

  test('a low terminal shows cameras and the newest event, and counts the other cameras', () => {
    const names = Array.from({ length: 30 }, (_, i) => `camera_${i}`)
    const state = createLiveState(names)
    showOutcome(state, {
      kind: 'event',
      type: 'new',
      seq: 0,
      before: null,
      after: event,
      snapshot: null,
      viewImage: null,
    })
    const drawn = lines(state, 100, 24)
    expect(drawn.length).toBeLessThan(24)
    expect(drawn.join('\n')).toMatch(/and 15 more cameras\n\n● .* person walking/)
    for (const rows of [1, 5, 8, 10, 14, 40]) expect(lines(state, 100, rows).length).toBeLessThan(Math.max(2, rows))
  })

  test('shows the time of the next attempt for a lost camera', () => {
    const state = createLiveState(['yard'])
    showOutcome(state, { ...status('yard', 'offline', 'wrong password'), at: 4000, retryInMs: 90_000 })
    expect(lines(state).join('\n')).toMatch(/yard +offline +wrong password, next attempt in 89 s/)
  })

  test('text from a camera cannot move the cursor', () => {
    const state = createLiveState(['yard'])
    showOutcome(state, status('yard', 'offline', 'gone\u001b[2J\u009b1A\r\n'))
    expect(lines(state).join('')).not.toMatch(/\p{Cc}/u)
    expect(lines(state).join('')).toContain('gone?')
  })

  test('follows a reload: new cameras appear, removed ones disappear, the others keep their state', () => {
    const state = createLiveState(['street', 'yard'])
    showOutcome(state, status('street', 'online'))
    watchCameras(state, ['street', 'door'])
    const text = lines(state).join('\n')
    expect(text).toMatch(/street +online/)
    expect(text).toMatch(/door +connecting/)
    expect(text).not.toContain('yard')
  })

  test('counts encoded, skipped and dropped frames and acknowledged messages', () => {
    const state = createLiveState(['street'])
    showOutcome(state, status('street', 'online'))
    showInternalEvent(state, { type: 'BatchEncoded', variant: 'int8', size: 2, seconds: 0.02, cameras: ['street'] })
    showInternalEvent(state, { type: 'FrameSkipped', camera: 'street' })
    showInternalEvent(state, { type: 'FramesDropped', camera: 'street', reason: 'stale', count: 3 })
    showInternalEvent(state, { type: 'MqttPublished', result: 'acknowledged' })
    const text = lines(state).join('\n')
    expect(text).toContain('2 encoded · 1 skipped · 10.0 ms per image · 1 MQTT messages')
    expect(text).toMatch(/fps +drops +person/)
    expect(text).toMatch(/street +online +0\.0 +3 /)
  })

  test('a rate needs two frames', () => {
    const state = createLiveState(['street'])
    showOutcome(state, scored('street', 5, {}))
    const line = state.cameras.get('street')
    expect(line && fpsOf(line)).toBe(0)
  })
})
