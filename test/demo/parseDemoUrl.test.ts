import { expect, test } from 'vitest'
import { parseDemoUrl } from '../../src/demo/parseDemoUrl.ts'

test('a demo: URL is a world, other URLs are none', () => {
  expect(parseDemoUrl('demo:plaza?lighting=night&weather=rain&seed=7')).toMatchObject({
    view: 'plaza',
    light: 'night',
    weather: 'rain',
    seed: '7',
  })
  expect(parseDemoUrl('demo:street')).toMatchObject({ view: 'street', light: 'day', weather: 'clear', seed: '1' })
  expect(parseDemoUrl('demo:street')).toMatchObject({ distance: 'near', width: 640, height: 360 })
  expect(parseDemoUrl('demo:crossing?distance=far')).toMatchObject({ distance: 'far', width: 1280, height: 720 })
  expect(parseDemoUrl('rtsp://127.0.0.1/street')).toBeNull()
})

test.each([
  ['demo:', /^Expected the scene of demo: to be one of street, crossing, plaza, got ""$/],
  ['demo:street?lighting=noon', /^Expected the lighting of .* to be one of day, .*, got "noon"$/],
  [
    'demo:street?lighting2=night',
    /^Unknown parameter "lighting2" in demo:street\?lighting2=night; did you mean `lighting`\?$/,
  ],
  ['demo:street?distance=mile', /^Expected the distance of .* to be one of near, far, got "mile"$/],
  ['demo://[', /^Cannot read demo:\/\/\[: expected something like demo:street\?lighting=night$/],
])('%s is refused in one line', (url, line) => {
  expect(() => parseDemoUrl(url)).toThrow(line)
})
