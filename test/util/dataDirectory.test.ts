import { expect, test } from 'vitest'
import { dataDirectory } from '../../src/util/dataDirectory.ts'

test.each([
  ['the configured one first', '/srv/ww', { WATCHWORD_DATA: '/env' }, 'linux', '/srv/ww'],
  ['then WATCHWORD_DATA', undefined, { WATCHWORD_DATA: '/env', XDG_DATA_HOME: '/xdg' }, 'linux', '/env'],
  ['then XDG_DATA_HOME', undefined, { XDG_DATA_HOME: '/xdg' }, 'linux', '/xdg/watchword'],
  [
    'a relative XDG_DATA_HOME is ignored',
    undefined,
    { XDG_DATA_HOME: 'xdg' },
    'linux',
    '/home/a/.local/share/watchword',
  ],
  ['~ in it is the home folder', undefined, { WATCHWORD_DATA: '~/ww' }, 'linux', '/home/a/ww'],
  ['an empty variable is none', '', { WATCHWORD_DATA: '' }, 'linux', '/home/a/.local/share/watchword'],
  ['macOS', undefined, {}, 'darwin', '/home/a/Library/Application Support/watchword'],
] as const)('%s', (_, configured, env, platform, expected) => {
  expect(dataDirectory(configured, { env, platform, home: '/home/a' })).toBe(expected)
})
