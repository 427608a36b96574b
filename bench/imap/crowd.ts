import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { atMost } from '../bar.ts'
import { spread } from '../sample.ts'
import { selected, withLine, type Peer } from './peer.ts'
import { Sleepers } from './sleepers.ts'
import { inTurn, row, type Workload } from './workload.ts'

const asked = 300

export const crowd: Workload = {
  name: 'crowd',
  about:
    'how long others wait beside 500 idle sessions, a slow reader and a client that downloads everything',
  server: 'ordinary',
  async run(scene, add) {
    const count = scene.options.number('idle', 500)
    const medians = await inTurn(scene, Math.min(2, scene.rounds), async (peer) => {
      const alone = await latency(peer)
      const crowded = await amid(peer, count, () => latency(peer))
      return {
        'NOOP p50': crowded.noop.p50 / alone.noop.p50,
        'NOOP p99': crowded.noop.p99 / alone.noop.p99,
        'ENVELOPE p50': crowded.envelope.p50 / alone.envelope.p50,
        'ENVELOPE p99': crowded.envelope.p99 / alone.envelope.p99,
        'alone p99': alone.envelope.p99,
        'crowded p99': crowded.envelope.p99,
      }
    })
    for (const key of ['NOOP p50', 'NOOP p99', 'ENVELOPE p50', 'ENVELOPE p99'] as const)
      add(row(medians, key, { what: `${key} in the crowd, beside alone`, unit: 'times', bar: atMost(3) }))
    add(row(medians, 'alone p99', { what: '– one ENVELOPE alone, p99', unit: 'ms' }))
    add(row(medians, 'crowded p99', { what: '– one ENVELOPE in the crowd, p99', unit: 'ms' }))
  },
}

async function latency(peer: Peer) {
  return await withLine(peer, async (line) => {
    const [noop, envelope]: [number[], number[]] = [[], []]
    for (let turn = 0; turn < asked; turn++) {
      noop.push((await line.ok('NOOP')).totalMs)
      envelope.push((await line.ok(`FETCH ${1 + ((turn * 37) % 900)} (ENVELOPE)`)).totalMs)
    }
    return { noop: spread(noop), envelope: spread(envelope) }
  })
}

/** Does the work while all the others are there. */
async function amid<T>(peer: Peer, count: number, work: () => Promise<T>): Promise<T> {
  const sleepers = await Sleepers.lieDown(peer, count)
  const { name, imap, imaps, account, pid } = peer
  const downloader = spawn(
    process.execPath,
    [
      fileURLToPath(import.meta.resolve('./downloader.ts')),
      JSON.stringify({ name, imap, imaps, account, pid }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(downloader, 'exit')
  const slow = await selected(peer)
  const reading = new AbortController()
  const slept = readSlowly(slow, reading.signal)
  try {
    const begun = await Promise.race([
      once(downloader.stdout, 'data').then(() => true),
      ended.then(() => false),
    ])
    if (!begun) throw new Error('The downloader ended')
    return await work()
  } finally {
    reading.abort()
    await slept
    slow.close()
    sleepers.close()
    downloader.kill()
    await ended
  }
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
