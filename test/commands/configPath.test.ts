import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configPath, isDemoConfig } from '../../src/commands/configPath.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const here = process.cwd()
let dir: string
beforeEach(() => {
  dir = temporaryFolder()
  process.chdir(dir)
})
afterEach(() => {
  process.chdir(here)
})

test('without a config of its own a folder gets the demo; ports are chosen freely for that alone', () => {
  expect(isDemoConfig(configPath(undefined))).toBe(true)
  writeFileSync('watchword.yaml', '')
  expect(configPath(undefined)).toBe('watchword.yaml')
  expect(isDemoConfig(configPath(undefined))).toBe(false)
  expect(isDemoConfig(configPath('home.yaml'))).toBe(false)
})
