import { describe, expect, it } from 'vitest'
import { createTopics, safeLevel } from '../../../src/sinks/mqtt/topics.ts'

describe('createTopics', () => {
  it('is the tree of the docs', () => {
    const topics = createTopics('watchword')
    expect(topics.bridgeState).toBe('watchword/bridge/state')
    expect(topics.events).toBe('watchword/events')
    expect(topics.availability('front')).toBe('watchword/front/availability')
    expect(topics.state('front', 'person_walking')).toBe('watchword/front/person_walking/state')
    expect(topics.response('reload')).toBe('watchword/bridge/response/reload')
  })

  it('accepts a prefix with levels and extra slashes', () => {
    expect(createTopics('/home/cams/').events).toBe('home/cams/events')
  })

  it('finds the name in a request topic and in no other', () => {
    const { requestName } = createTopics('a/b')
    expect(requestName('a/b/bridge/request/reload')).toBe('reload')
    expect(requestName('a/b/bridge/request/x/y')).toBeNull()
    expect(requestName('a/b/bridge/request/')).toBeNull()
    expect(requestName('a/b/bridge/request/ä')).toBeNull()
    expect(requestName('x/bridge/request/reload')).toBeNull()
  })
})

describe('safeLevel', () => {
  it('keeps valid names and changes invalid ones so that they stay distinct', () => {
    expect(safeLevel('front_door-2')).toBe('front_door-2')
    const bad = ['front door', 'front/door', 'front+door', '#', 'bridge', 'events', 'Tür', '']
    const safe = bad.map(safeLevel)
    expect(new Set(safe).size).toBe(bad.length)
    for (const name of safe) expect(name).toMatch(/^[A-Za-z0-9_-]+$/)
  })
})
