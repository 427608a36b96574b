import { setTimeout as sleep } from 'node:timers/promises'
import { Inspector } from '#test/faults/inspector.ts'
import { median } from '../sample.ts'
import type { Ground } from './ground.ts'

const everyMs = 5000
/** Code that was compiled meanwhile, the lines of the log that are remembered, caches that are full now. */
const mayHoldBytes = 24 * 1024 * 1024
/** By so much the last quarter of the watch may be above the one before: it is as long as it takes a leak to show. */
const mayGrowBytes = 4 * 1024 * 1024

/** What is left of the bridge's heap after collections, again and again, while it works; says what is wrong. */
export async function watchHeap({ restarts, isOver }: Ground): Promise<string[]> {
  const sizes: number[] = []
  using inspector = await Inspector.open(await restarts.running())
  while (!isOver()) {
    sizes.push(await inspector.heapBytes())
    await sleep(everyMs)
  }
  console.log(`heap at work, MB: ${sizes.map(mb).join(' ')}`)
  const quarter = Math.floor(sizes.length / 4)
  if (quarter === 0) return ['the heap was not watched long enough: give more --minutes']
  const grown = median(sizes.slice(-quarter)) - median(sizes.slice(-2 * quarter, -quarter))
  return grown > mayGrowBytes ? [`the heap still grows: by ${mb(grown)} MB in a quarter of the watch`] : []
}

/** The same once nobody is connected. */
export async function quietHeap({ restarts }: Ground): Promise<number> {
  using inspector = await Inspector.open(await restarts.running())
  return await inspector.heapBytes()
}

/** Whatever a process holds after its work beyond what one holds that has only opened the same mailboxes. */
export function judgeHeap(after: number, fresh: number): string[] {
  console.log(`heap when all have gone: ${mb(after)} MB; of a new process on the same mail: ${mb(fresh)} MB`)
  return after - fresh > mayHoldBytes ? [`${mb(after - fresh)} MB of the heap are held by nobody's work`] : []
}

function mb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
