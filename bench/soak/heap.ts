import { setTimeout as sleep } from 'node:timers/promises'
import { Inspector } from '#test/faults/inspector.ts'
import { figures, total } from '#test/operations/figures.ts'
import { median } from '../sample.ts'
import type { Ground } from './ground.ts'

const everyMs = 5000
/** What a message that arrives meanwhile may cost for good: its ids, flags and places. */
const bytesAMessage = 1500
/** Compiled code and the like, which still grows while the process is young. */
const mayGrowBytes = 4 * 1024 * 1024

interface Sample {
  readonly heapBytes: number
  readonly messages: number
}

/** What is left of the bridge's heap after collections, again and again; one process, so not across restarts. */
export async function watchHeap({ restarts, isOver }: Ground): Promise<Sample[]> {
  const samples: Sample[] = []
  using inspector = await Inspector.open(await restarts.running())
  while (!isOver()) {
    const all = await figures(await restarts.ready())
    samples.push({ heapBytes: await inspector.heapBytes(), messages: total(all, 'postern_messages') })
    await sleep(everyMs)
  }
  return samples
}

/** Prints the course of it; says what is wrong. */
export function judgeHeap(samples: readonly Sample[]): string[] {
  const third = Math.floor(samples.length / 3)
  if (third === 0) return ['the heap was not watched long enough: give more --minutes']
  const middle = (some: readonly Sample[], of: keyof Sample) => median(some.map((one) => one[of]))
  const [first, last] = [samples.slice(0, third), samples.slice(-third)]
  const grown = middle(last, 'heapBytes') - middle(first, 'heapBytes')
  const arrived = middle(last, 'messages') - middle(first, 'messages')
  const course = samples.map(({ heapBytes }) => mb(heapBytes)).join(' ')
  console.log(
    `heap after collections, MB: ${course}; grown by ${mb(grown)} MB while ${arrived} messages arrived`,
  )
  return grown > mayGrowBytes + arrived * bytesAMessage ? [`the heap grew by ${mb(grown)} MB`] : []
}

function mb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
