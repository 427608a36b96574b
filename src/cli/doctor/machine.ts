import { constants } from 'node:fs'
import { access, mkdir, stat, statfs } from 'node:fs/promises'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

const mib = 1024 * 1024
/** The index of some 100,000 messages. */
const roomForIndex = 256 * mib

/** The data folder: there, ours to write, nobody else's to read, with room for what may come. */
export async function lookAtMachine({ dataDir, cacheDiskMb }: Config, look: Look): Promise<void> {
  const usable = await look('data folder', async () => {
    const remedy = 'Set POSTERN_DATA_DIR to a folder that may be written'
    await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw new Error(`${dataDir} cannot be made (${codeOf(error)}). ${remedy}`, { cause: error })
    })
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw new Error(`${dataDir} cannot be written (${codeOf(error)}). ${remedy}`, { cause: error })
    })
    const { mode } = await stat(dataDir)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new Error(`${dataDir} can be read by others on this machine. Run: chmod 700 ${dataDir}`)
    return dataDir
  })
  if (!usable) return
  await look('room on the disk', async () => {
    const { bavail, bsize } = await statfs(dataDir)
    const free = bavail * bsize
    const wanted = roomForIndex + cacheDiskMb * mib
    if (free < roomForIndex)
      throw new Error(
        `${inMib(free)} are free and the index alone may need ${inMib(roomForIndex)}. Make room, or move POSTERN_DATA_DIR`,
      )
    return free < wanted
      ? `${inMib(free)} are free; the cache may grow to ${cacheDiskMb} MiB and will stay smaller`
      : `${inMib(free)} are free`
  })
}

function inMib(bytes: number): string {
  return `${Math.floor(bytes / mib)} MiB`
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}
