// Removes from an installation what Postern never loads of googleapis: everything but Gmail.
//   node deploy/prune-googleapis.mjs [FOLDER WITH node_modules]
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = process.argv[2] ?? '.'
const source = join(root, 'node_modules/googleapis/build/src')
const apis = join(source, 'apis')
if (!existsSync(join(apis, 'gmail/index.js'))) {
  console.error(`There is no googleapis with Gmail in ${root}: nothing was removed`)
  process.exit(1)
}

let removed = 0
for (const name of readdirSync(apis)) {
  if (name === 'gmail') continue
  rmSync(join(apis, name), { recursive: true })
  removed++
}
// The entries that would load all of them.
for (const name of ['googleapis.js', 'googleapis.d.ts', 'index.js', 'index.d.ts']) rmSync(join(source, name), { force: true })
console.log(`${removed} APIs removed, Gmail kept`)
