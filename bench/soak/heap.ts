import { setTimeout as sleep } from 'node:timers/promises'
import { Inspector } from '#test/faults/inspector.ts'
import { median } from '../sample.ts'
import type { Ground } from './ground.ts'

const everyMs = 5000
/** A message that came for a client stays at hand for ten seconds at most. */
const restMs = 15_000
/**
 * Feedback of code, the lines of the log that are remembered, books and records of the mailboxes that sessions had opened:
 * all of it bounded, and full after some minutes.
 */
const mayHoldBytes = 10 * 1024 * 1024
/** By so much of itself the last third of the watch may be above the second: mail comes in all the time. */
const mayGrow = 0.05

/** What is left of a heap after a collection, in octets. */
interface Heap {
  /** Machine code and bytecode: what a process has run it has compiled, and there is only so much of it. */
  readonly code: number
  readonly rest: number
}

/** What is left of the bridge's heap after collections, again and again, while it works; says what is wrong. */
export async function watchHeap({ restarts, isOver }: Ground): Promise<string[]> {
  const heaps: Heap[] = []
  using inspector = await Inspector.open(await restarts.running())
  while (!isOver()) {
    heaps.push(await heapOf(inspector))
    await sleep(everyMs)
  }
  console.log(`code at work, MB: ${heaps.map(({ code }) => mb(code)).join(' ')}`)
  console.log(`rest of the heap, MB: ${heaps.map(({ rest }) => mb(rest)).join(' ')}`)
  const third = Math.floor(heaps.length / 3)
  if (third === 0) return ['the heap was not watched long enough: give more --minutes']
  const [second, last] = [heaps.slice(-2 * third, -third), heaps.slice(-third)].map((some) =>
    median(some.map(({ rest }) => rest)),
  ) as [number, number]
  const growth = last / second - 1
  console.log(
    `from the second third of the watch to the last the rest grew by ${(100 * growth).toFixed(1)} %`,
  )
  return growth > mayGrow
    ? [`the heap grows: from ${mb(second)} to ${mb(last)} MB, code apart, in a third of the watch`]
    : []
}

/** The same once nobody is connected. */
export async function quietHeap({ restarts }: Ground): Promise<Heap> {
  await sleep(restMs)
  using inspector = await Inspector.open(await restarts.running())
  return await heapOf(inspector)
}

/** Whatever a process holds after its work beyond what one holds that has only opened the same mailboxes. */
export function judgeHeap(after: Heap, fresh: Heap): string[] {
  const shown = ({ code, rest }: Heap) => `${mb(rest)} MB and ${mb(code)} MB of code`
  console.log(`heap when all have gone: ${shown(after)}; of a new process on the same mail: ${shown(fresh)}`)
  const held = after.rest - fresh.rest
  return held > mayHoldBytes ? [`${mb(held)} MB of the heap are held by nobody's work`] : []
}

async function heapOf(inspector: Inspector): Promise<Heap> {
  const used = await inspector.heapBytes()
  const code = Number(
    await inspector.evaluate(
      `process.getBuiltinModule('node:v8').getHeapSpaceStatistics()
        .filter(({ space_name }) => /code|trusted/.test(space_name))
        .reduce((sum, { space_used_size }) => sum + space_used_size, 0)`,
    ),
  )
  return { code, rest: used - code }
}

function mb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
