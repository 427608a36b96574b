import { readFileSync } from 'node:fs'

/** Resident memory; 0 where there is no /proc. */
export function rssBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0') * 1024
  } catch {
    return 0
  }
}
