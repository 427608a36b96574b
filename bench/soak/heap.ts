import { setTimeout as sleep } from 'node:timers/promises'
import { Inspector } from '#test/faults/inspector.ts'
import { median } from '../sample.ts'
import type { Ground } from './ground.ts'

const everyMs = 5000
/** More than the messages that arrive meanwhile are worth. */
const mayGrowBytes = 6 * 1024 * 1024

/** What is left of the bridge's heap after collections, again and again; one process, so not across restarts. */
export async function watchHeap({ restarts, isOver }: Ground): Promise<number[]> {
  const sizes: number[] = []
  using inspector = await Inspector.open(await restarts.running())
  while (!isOver()) {
    sizes.push(await inspector.heapBytes())
    await sleep(everyMs)
  }
  return sizes
}

/** Prints the beginning and the end; says what is wrong. */
export function judgeHeap(sizes: readonly number[]): string[] {
  const third = Math.floor(sizes.length / 3)
  if (third === 0) return ['the heap was not watched long enough: give more --minutes']
  const [first, last] = [median(sizes.slice(0, third)), median(sizes.slice(-third))]
  console.log(
    `heap after collections (${sizes.length} times): at first ${mb(first)} MB, at last ${mb(last)} MB`,
  )
  console.log(`  ${sizes.map(mb).join(' ')}`)
  return last - first > mayGrowBytes ? [`the heap grew from ${mb(first)} to ${mb(last)} MB`] : []
}

function mb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
