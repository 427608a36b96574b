import { mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Keeps compiled code for the next start, which is a third faster for it. In the data folder, which is the owner's alone:
 * whoever can write to it could have Postern run what he likes, so the system's folder for temporary files will not do.
 */
export function cacheCompiledCode(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    enableCompileCache(join(dataDir, 'compiled'))
  } catch {
    // What is wrong with the folder is said when it is opened.
  }
}
