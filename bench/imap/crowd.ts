import { setTimeout as sleep } from 'node:timers/promises'
import { atMost } from '../bar.ts'
import { spread } from '../sample.ts'
import { Child } from './child.ts'
import { selected, withLine, type Peer } from './peer.ts'
import { Sleepers } from './sleepers.ts'
import { inTurn, row, type Workload } from './workload.ts'

const asked = 1000
const streaming = import.meta.resolve('./streaming.ts')

const figures = ['NOOP p50', 'NOOP p99', 'ENVELOPE p50', 'ENVELOPE p99'] as const
type Latency = Record<(typeof figures)[number], number>

export const crowd: Workload = {
  name: 'crowd',
  about:
    'how long others wait beside 500 idle sessions, a slow reader and a client that downloads everything',
  server: 'ordinary',
  async run(scene, add) {
    const count = scene.options.number('idle', 500)
    const medians = await inTurn(scene, Math.min(3, scene.rounds), async (peer) => {
      const alone = await latency(peer)
      const { crowded, bytesPerSecond } = await amid(peer, count)
      const beside = await besideOthers(peer, bytesPerSecond)
      return {
        ...named('crowd', (figure) => crowded[figure] / alone[figure]),
        ...named('others', (figure) => beside[figure] / alone[figure]),
        ...named('alone ms', (figure) => alone[figure]),
        ...named('crowd ms', (figure) => crowded[figure]),
        rate: bytesPerSecond / 1e6,
      }
    })
    for (const figure of figures)
      add(
        row(medians, `crowd ${figure}`, {
          what: `${figure} in the crowd, beside alone`,
          unit: 'times',
          bar: atMost(3),
        }),
      )
    // What this machine makes of it by itself: the server has nothing else to do.
    for (const figure of figures)
      add(
        row(medians, `others ${figure}`, {
          what: `– ${figure} while two other processes stream as much`,
          unit: 'times',
        }),
      )
    for (const figure of figures) {
      add(row(medians, `alone ms ${figure}`, { what: `– ${figure} alone`, unit: 'ms' }))
      add(row(medians, `crowd ms ${figure}`, { what: `– ${figure} in the crowd`, unit: 'ms' }))
    }
    add(row(medians, 'rate', { what: '– what the download had meanwhile', unit: 'MB/s' }))
  },
}

function named<Prefix extends string>(
  prefix: Prefix,
  value: (figure: keyof Latency) => number,
): Record<`${Prefix} ${keyof Latency}`, number> {
  return Object.fromEntries(figures.map((figure) => [`${prefix} ${figure}`, value(figure)])) as Record<
    `${Prefix} ${keyof Latency}`,
    number
  >
}

async function latency(peer: Peer): Promise<Latency> {
  return await withLine(peer, async (line) => {
    const [noop, envelope]: [number[], number[]] = [[], []]
    for (let turn = 0; turn < asked; turn++) {
      noop.push((await line.ok('NOOP')).totalMs)
      envelope.push((await line.ok(`FETCH ${1 + ((turn * 37) % 900)} (ENVELOPE)`)).totalMs)
    }
    const [one, other] = [spread(noop), spread(envelope)]
    return {
      'NOOP p50': one.p50,
      'NOOP p99': one.p99,
      'ENVELOPE p50': other.p50,
      'ENVELOPE p99': other.p99,
    }
  })
}

/** While all the others are there; and how fast the one that downloads was. */
async function amid(peer: Peer, count: number): Promise<{ crowded: Latency; bytesPerSecond: number }> {
  const { name, imap, imaps, account, pid } = peer
  await using there = new AsyncDisposableStack()
  const sleepers = await Sleepers.lieDown(peer, count)
  there.defer(() => sleepers.close())
  const downloader = await Child.begin(
    import.meta.resolve('./downloader.ts'),
    JSON.stringify({ name, imap, imaps, account, pid }),
  )
  there.defer(() => downloader.end())
  const slow = await selected(peer)
  const reading = new AbortController()
  const slept = readSlowly(slow, reading.signal)
  there.defer(async () => {
    reading.abort()
    await slept
    slow.close()
  })
  const [startedAt, before] = [performance.now(), Number(downloader.said)]
  const crowded = await latency(peer)
  const bytesPerSecond = ((Number(downloader.said) - before) / (performance.now() - startedAt)) * 1000
  return { crowded, bytesPerSecond }
}

/** While two processes that have nothing to do with the server use the machine as a download does. */
async function besideOthers(peer: Peer, bytesPerSecond: number): Promise<Latency> {
  await using there = new AsyncDisposableStack()
  const source = await Child.begin(streaming, 'source', String(Math.round(bytesPerSecond)))
  there.defer(() => source.end())
  const drain = await Child.begin(streaming, 'drain', source.said)
  there.defer(() => drain.end())
  return await latency(peer)
}

/** Asks for everything and takes a little of it twenty times a second. */
async function readSlowly(line: Awaited<ReturnType<typeof selected>>, signal: AbortSignal): Promise<void> {
  line.command('FETCH 1:* (BODY.PEEK[])').catch(() => {
    // It is closed in the midst of it.
  })
  while (!signal.aborted) {
    line.pause()
    await sleep(50)
    line.resume()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
