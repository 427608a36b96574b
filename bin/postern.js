#!/usr/bin/env node
// Starts Postern. It needs Node 26: where this one is older, the one that npm installed beside Postern takes over.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = new URL('../src/main.ts', import.meta.url)

if (Number(process.versions.node.split('.')[0]) >= 26)
  await import(main.href).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("Cannot find package")) throw error
    console.error("The packages that Postern needs are not there. Run 'npm ci' in its folder.")
    process.exit(1)
  })
else {
  let node
  try {
    const installed = dirname(createRequire(import.meta.url).resolve('node/package.json'))
    node = join(installed, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    console.error(`Postern needs Node 26 or newer; this is Node ${process.versions.node}. Run 'npm ci' in its folder.`)
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}
