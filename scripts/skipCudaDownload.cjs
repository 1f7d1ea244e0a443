/**
 * Runs before the install scripts of the dependencies (`preinstall`) and keeps onnxruntime-node from downloading CUDA.
 *
 * On Linux x64 the install script of onnxruntime-node fetches CUDA libraries from nuget.org, also for those who use the
 * CPU, and the whole `npm install` fails where that host cannot be reached. Only the consumer's own npm config could
 * switch it off. The script downloads nothing when the files are there, so this one puts placeholders in their place.
 * To get CUDA, set ONNXRUNTIME_NODE_INSTALL=true (docs/install.md): then nothing is done here.
 * It never fails the install.
 */
const { existsSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')

const FILES = ['cuda', 'shared', 'tensorrt'].map(provider => `libonnxruntime_providers_${provider}.so`)
const TEXT = 'CUDA is not installed. To install it: ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node\n'
const CHOICES = ['ONNXRUNTIME_NODE_INSTALL', 'ONNXRUNTIME_NODE_INSTALL_CUDA']

function hasChosen(env) {
  return CHOICES.some(name => env[name] || env[`npm_config_${name.toLowerCase()}`])
}

try {
  if (process.platform === 'linux' && process.arch === 'x64' && !hasChosen(process.env)) {
    const folder = join(dirname(require.resolve('onnxruntime-node/package.json')), 'bin', 'napi-v6', 'linux', 'x64')
    const isInstalled = FILES.some(file => existsSync(join(folder, file)))
    if (!isInstalled) for (const file of FILES) writeFileSync(join(folder, file), TEXT)
  }
} catch {
  // onnxruntime-node is not unpacked yet or lies elsewhere: its own script decides.
}
