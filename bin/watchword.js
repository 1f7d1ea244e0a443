#!/usr/bin/env node
// The entry: plain JavaScript that an old Node can still read, so that it can say what is missing in one line.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `watchword: Expected Node 20.19 or newer, got ${process.versions.node}. Install Node 24 (https://nodejs.org).\n`,
  )
  process.exit(1)
}
import('node:fs').then(({ existsSync }) => {
  const main = new URL('../dist/main.js', import.meta.url)
  if (existsSync(main)) return import(main.href)
  process.stderr.write('watchword: dist/main.js is missing. Build it: npm run build\n')
  process.exit(1)
})
