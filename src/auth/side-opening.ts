import { readSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { SealedRun } from '#mail/side-opener.ts'
import { createSeal } from './seal.ts'

/** The thread of side-opener.ts. Reads and opens one run after the other; whatever is wrong with the disk makes values damaged. */

/** Of what is kept for reading; a longer run gets memory of its own. */
const keptBytes = 1024 * 1024

export interface Question extends SealedRun {
  readonly memory: ArrayBuffer
}

// Here this is of the thread alone, elsewhere of the whole process. Whoever asks for little does not wait for a download.
if (process.platform === 'linux') setPriority(10)

const { key } = workerData as { key: Uint8Array }
const seal = createSeal(key)
const kept = Buffer.allocUnsafeSlow(keptBytes)

parentPort?.on('message', ({ memory, ...run }: Question) => {
  const lengths = openRun(run, Buffer.from(memory))
  parentPort?.postMessage({ memory, lengths }, [memory])
})
parentPort?.postMessage('ready', [])

function openRun({ fd, offset, length, ats, lengths, purposes }: SealedRun, room: Buffer): number[] {
  const octets = read(
    fd,
    offset,
    length <= keptBytes ? kept.subarray(0, length) : Buffer.allocUnsafeSlow(length),
  )
  return ats.map((at, index) => {
    try {
      const sealed = octets.subarray(at, at + (lengths[index] as number))
      return seal.openInto(sealed, purposes[index] as string, room.subarray(at)).length
    } catch {
      return -1
    }
  })
}

/** What the disk gives of it. */
function read(fd: number, offset: number, room: Buffer): Buffer {
  try {
    return room.subarray(0, readSync(fd, room, 0, room.length, offset))
  } catch {
    return room.subarray(0, 0)
  }
}
