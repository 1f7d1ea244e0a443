#!/usr/bin/env node
// The entry: plain JavaScript that an old Node can still read, so that it can say what is missing in one line.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `watchword: Expected Node 20.19 or newer, got ${process.versions.node}. Install Node 24 (https://nodejs.org).\n`,
  )
  process.exit(1)
}
// Node looks up host names on the threads that wait for files. It has four, and a disk that hangs can take as many: then no
// camera and no broker could be reached by its name. Node reads this when the first of them starts, which an ES module is
// too late for: hence bin/package.json.
process.env.UV_THREADPOOL_SIZE ??= '16'
const { existsSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

const main = join(__dirname, '../dist/main.js')
if (existsSync(main)) import(pathToFileURL(main).href)
else {
  process.stderr.write('watchword: dist/main.js is missing. Build it: npm run build\n')
  process.exit(1)
}
