// Compiles src to dist. Does nothing, and says so, where TypeScript is absent (a production install ships dist).
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'

const root = new URL('..', import.meta.url)
let compiler
try {
  compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
} catch {
  console.log('watchword: TypeScript is not installed; dist is used as it is')
  process.exit(existsSync(new URL('dist/main.js', root)) ? 0 : 1)
}
rmSync(new URL('dist', root), { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
