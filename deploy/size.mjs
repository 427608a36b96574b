// Counts the files under a folder and their bytes: what of an image is ours.
//   node deploy/size.mjs [FOLDER]
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = process.argv[2] ?? '.'
const parts = new Map()
for (const name of readdirSync(root, { recursive: true })) {
  const info = lstatSync(join(root, name))
  if (!info.isFile()) continue
  const [first, second, third] = name.split(/[\\/]/)
  const part = first === 'node_modules' ? (second.startsWith('@') ? `${second}/${third}` : second) : first
  const known = parts.get(part) ?? { files: 0, bytes: 0 }
  parts.set(part, { files: known.files + 1, bytes: known.bytes + info.size })
}
const line = (name, { files, bytes }) =>
  console.log(`${(bytes / 1024 / 1024).toFixed(1).padStart(7)} MiB ${String(files).padStart(6)} files  ${name}`)
const sorted = [...parts].sort(([, a], [, b]) => b.bytes - a.bytes)
for (const [name, part] of sorted.slice(0, 12)) line(name, part)
const all = sorted.reduce((sum, [, part]) => ({ files: sum.files + part.files, bytes: sum.bytes + part.bytes }), { files: 0, bytes: 0 })
line('in all', all)
