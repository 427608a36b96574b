import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolder } from '../postern.ts'
import { without } from '../program.ts'

/** A reason to skip where no file system can be mounted, or false. */
export const noMount =
  (process.platform !== 'linux' || process.getuid?.() !== 0) && 'only root on Linux can mount'
/** The same for one that can break. */
export const noFailingDisk = noMount || without('mkfs.ext4')

/** A file system of its own, of a fixed size. */
interface SmallDisk {
  readonly dir: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  empty(): void
}

/** A file system in memory. */
export function withSmallDisk<T>(sizeMb: number, work: (disk: SmallDisk) => Promise<T>): Promise<T> {
  return withMountPoint(async (dir) => {
    run('mount', '-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=700`, 'tmpfs', dir)
    const filler = join(dir, 'filler')
    return work({
      dir,
      fill: () => fill(filler),
      empty: () => rmSync(filler, { force: true }),
    })
  })
}

/** A file system that can find its disk at fault: then it takes no more writes, whoever has files open. */
interface FailingDisk {
  readonly dir: string
  fail(): void
  /** Mounts it anew, sound or read-only. Nobody may have a file open. */
  mount(how: 'rw' | 'ro'): void
}

/** ext4 in a file, told to behave as after an error of its disk. */
export function withFailingDisk<T>(sizeMb: number, work: (disk: FailingDisk) => Promise<T>): Promise<T> {
  return withMountPoint(async (dir) => {
    const image = `${dir}.img`
    closeSync(openSync(image, 'w'))
    truncateSync(image, sizeMb * 1024 * 1024)
    run('mkfs.ext4', '-q', '-F', image)
    const mount = () => run('mount', '-o', 'loop,errors=remount-ro', image, dir)
    mount()
    return work({
      dir: join(dir, 'data'),
      fail: () => run('mount', '-o', 'remount,abort', dir),
      mount(how) {
        // Its journal is read back on the way.
        run('umount', dir)
        mount()
        if (how === 'ro') run('mount', '-o', 'remount,ro', dir)
      },
    })
  })
}

function withMountPoint<T>(work: (dir: string) => Promise<T>): Promise<T> {
  return withFolder(async (parent) => {
    const dir = join(parent, 'disk')
    await mkdir(dir)
    try {
      return await work(dir)
    } finally {
      // Lazily: whatever went wrong may have left a file open, or nothing mounted.
      spawnSync('umount', ['-l', dir])
    }
  })
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' })
}

function fill(path: string): void {
  const file = openSync(path, 'a')
  try {
    for (let size = 1024 * 1024; size >= 512; size /= 2) {
      const zeros = Buffer.alloc(size)
      try {
        while (writeSync(file, zeros) === size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}
