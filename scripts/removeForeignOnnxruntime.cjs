/**
 * Runs after an install (`postinstall`) and removes onnxruntime's libraries for other systems: its package has those of
 * all of them, 243 MB of 288. With `--ignore-scripts` they stay. It never fails the install.
 */
const { existsSync, readdirSync, rmSync } = require('node:fs')
const { dirname, join } = require('node:path')

/** npm's `--os` and `--cpu` install for another machine. */
function target(env) {
  return { os: env.npm_config_os || process.platform, cpu: env.npm_config_cpu || process.arch }
}

/** @returns false when the libraries of this system are not there: then nothing is removed */
function removeForeignOnnxruntime(packageFolder, { os, cpu } = target(process.env)) {
  const binaries = join(packageFolder, 'bin', 'napi-v6')
  if (!existsSync(join(binaries, os, cpu))) return false
  for (const platform of readdirSync(binaries))
    for (const arch of readdirSync(join(binaries, platform)))
      if (platform !== os || arch !== cpu) rmSync(join(binaries, platform, arch), { recursive: true })
  return true
}

module.exports = { removeForeignOnnxruntime }

if (require.main === module) {
  try {
    removeForeignOnnxruntime(dirname(require.resolve('onnxruntime-node/package.json')))
  } catch {
    // Not installed yet, or not ours to change: its libraries for other systems do no harm.
  }
}
