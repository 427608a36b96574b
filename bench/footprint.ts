import { readdirSync, readFileSync } from 'node:fs'

/** Ticks of `/proc/PID/stat` in a second: sysconf(_SC_CLK_TCK), which is 100 on every Linux of today. */
const ticksPerSecond = 100

/** Resident memory; 0 where there is no /proc. */
export function rssBytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, /VmRSS:\s+(\d+)/)
}

/** Memory of the processes, pages that several share divided among them; NaN where the kernel does not tell. */
export function pssBytes(pids: readonly number[]): number {
  const sum = pids.reduce((total, pid) => total + kilobytes(`/proc/${pid}/smaps_rollup`, /Pss:\s+(\d+)/), 0)
  return sum === 0 ? Number.NaN : sum
}

/** The process and all that it started, and these started; only itself where there is no /proc. */
export function family(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of list('/proc')) {
    const fields = /^\d+$/.test(name) ? stat(Number(name)) : undefined
    if (fields !== undefined) parents.set(Number(name), Number(fields[1]))
  }
  const found = [pid]
  for (let at = 0; at < found.length; at++)
    for (const [child, parent] of parents) if (parent === found[at]) found.push(child)
  return found
}

/** What the process, all that it started and those of them that have ended spent of processors; NaN without /proc. */
export function cpuSeconds(pid: number): number {
  let ticks = 0
  // utime, stime, and those of waited-for children: fields 14 to 17 of proc(5).
  for (const one of family(pid))
    for (const at of [11, 12, 13, 14]) ticks += Number(stat(one)?.[at] ?? Number.NaN) || 0
  return ticks === 0 ? Number.NaN : ticks / ticksPerSecond
}

/** The fields after the name of the program, which may hold blanks and parentheses. */
function stat(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`)
  return text === undefined ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function kilobytes(path: string, pattern: RegExp): number {
  return Number(pattern.exec(read(path) ?? '')?.[1] ?? '0') * 1024
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // No such process any more, or no /proc, or another's.
    return undefined
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
