import { expect, it } from 'vitest'
import { exportOwn } from '../../../src/commands/optimize/exportOwn.ts'
import { verifyModel } from '../../../src/models/verifyModel.ts'
import { copyTiny } from '../../onnx/fixtures.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

it.each([{ plain: true }, { plain: false, imageSize: 64 }])('records the hashes of the shared files, %o', async own => {
  const places = { outputDir: temporaryFolder(), dataDir: temporaryFolder() }
  const { dir } = await exportOwn(copyTiny('half'), own, places)
  const checks = await verifyModel(dir)
  expect(checks.map(({ file }) => file)).toContain('text.onnx')
  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
})
