import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasDovecot, startDovecot } from '#test/dovecot/dovecot.ts'
import { startPostern, withFolder } from '#test/postern.ts'
import type { Door } from '#test/postern.ts'
import { timesAtLeast, timesAtMost, type Bar } from './bar.ts'
import { writeCorpus } from './corpus.ts'
import { PopLine } from './pop-line.ts'
import { median } from './sample.ts'
import { Table } from './table.ts'
import type { Options } from './options.ts'

interface Peer {
  readonly name: string
  readonly pop3: Door
  readonly pop3s?: Door | undefined
  readonly account: { user: string; password: string }
}

/** One thing that clients do, and how its result is read: higher is better for rates, lower for times. */
interface Workload {
  readonly name: string
  readonly unit: 'messages/s' | 'ms' | 'visits/s'
  /** Of facts/performance.md section D. */
  readonly bar?: Bar
  /** Undefined where this peer cannot do it. */
  measure(peer: Peer, messages: number): Promise<number | undefined>
}

const inFlight = 50
const visitsMeasured = 100

/**
 * Speed of the POP3 door on mail that is cached, beside Dovecot (mdbox) on the same messages where one is installed: in
 * turn, medians, ratios and bars. Options: `--messages=10000 --rounds=5 --median=22000 --memory=1024 --json=FILE --than=FILE`.
 */
export async function pop(options: Options): Promise<void> {
  const messages = options.number('messages', 10000)
  const rounds = options.number('rounds', 5)
  await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    const { bytes } = writeCorpus(mail, {
      count: messages,
      medianBytes: options.number('median', 22000),
    })
    console.log(`${messages} messages, ${(bytes / 1e6).toFixed(0)} MB`)
    const running = await startPostern(['demo', '--mail', mail, '--quota', '0'], {
      POSTERN_POP3_BATCH: '0',
      POSTERN_CACHE_DISK_MB: '4096',
      POSTERN_CACHE_MEMORY_MB: options.text('memory') ?? '1024',
    })
    const dovecot = hasDovecot() ? await startDovecot({ mail, format: 'mdbox' }) : undefined
    try {
      const { pop3, pop3s, account } = running.ready
      if (pop3 === undefined) throw new Error('This Postern has no POP3 port')
      const ours: Peer = { name: 'Postern', pop3, pop3s, account }
      await readAll(ours, messages)
      const peers = [ours]
      if (dovecot?.pop3 === undefined)
        console.log('No Dovecot with POP3 here (apt-get install dovecot-pop3d): absolute figures only')
      else
        peers.push({
          name: 'Dovecot',
          pop3: dovecot.pop3,
          account: { user: dovecot.user, password: dovecot.password },
        })
      const table = new Table(options.text('than'))
      for (const workload of workloads) {
        const results = await inTurn(workload, peers, rounds, messages)
        const { name: what, unit, bar } = workload
        const theirs = results.get('Dovecot')
        table.add({
          what,
          unit,
          bar,
          ours: median(results.get('Postern') ?? []),
          theirs: theirs === undefined ? undefined : median(theirs),
        })
      }
      table.end()
      const file = options.text('json')
      if (file !== undefined) table.save(file)
    } finally {
      await dovecot?.stop()
      await running.stop()
    }
  })
}

const workloads: readonly Workload[] = [
  {
    name: 'connect + USER + PASS + STAT',
    unit: 'ms',
    async measure(peer) {
      const startedAt = performance.now()
      const line = await inside(peer)
      await line.ask('STAT')
      const ms = performance.now() - startedAt
      await line.close()
      return ms
    },
  },
  { name: 'LIST of all', unit: 'ms', measure: listing('LIST') },
  { name: 'UIDL of all', unit: 'ms', bar: timesAtMost(1), measure: listing('UIDL') },
  {
    name: 'RETR of all, one after another',
    unit: 'messages/s',
    bar: timesAtLeast(1),
    measure: retrieving(1),
  },
  {
    name: `RETR of all, ${inFlight} in flight`,
    unit: 'messages/s',
    bar: timesAtLeast(1),
    measure: retrieving(inFlight),
  },
  { name: 'RETR of all, one after another, TLS', unit: 'messages/s', measure: retrieving(1, true) },
  { name: 'visits (login, UIDL, 5 RETR), one at a time', unit: 'visits/s', measure: visiting(1) },
  { name: 'visits (login, UIDL, 5 RETR), 10 at a time', unit: 'visits/s', measure: visiting(10) },
]

async function inside(peer: Peer, secure = false): Promise<PopLine> {
  const line = await PopLine.connect(secure && peer.pop3s !== undefined ? peer.pop3s : peer.pop3, secure)
  await line.logIn(peer.account)
  return line
}

function listing(command: string): Workload['measure'] {
  return async (peer) => {
    const line = await inside(peer)
    const startedAt = performance.now()
    await line.text(command)
    const ms = performance.now() - startedAt
    await line.close()
    return ms
  }
}

function retrieving(width: number, secure = false): Workload['measure'] {
  return async (peer, messages) => {
    if (secure && peer.pop3s === undefined) return undefined
    const line = await inside(peer, secure)
    const commands = Array.from({ length: messages }, (_, index) => `RETR ${index + 1}`)
    const startedAt = performance.now()
    await line.texts(commands, width)
    const ms = performance.now() - startedAt
    // Without QUIT: what was retrieved stays on offer.
    await line.close()
    return (messages / ms) * 1000
  }
}

function visiting(width: number): Workload['measure'] {
  return async (peer, messages) => {
    let left = visitsMeasured
    const visitor = async () => {
      while (left-- > 0) {
        const line = await inside(peer)
        await line.text('UIDL')
        for (let number = 0; number < 5; number++) await line.text(`RETR ${messages - number}`)
        await line.close()
      }
    }
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: width }, visitor))
    return (visitsMeasured / (performance.now() - startedAt)) * 1000
  }
}

async function inTurn(
  workload: Workload,
  peers: readonly Peer[],
  rounds: number,
  messages: number,
): Promise<Map<string, number[]>> {
  const results = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++)
    for (const peer of peers) {
      const value = await workload.measure(peer, messages)
      if (value === undefined) continue
      results.set(peer.name, [...(results.get(peer.name) ?? []), value])
    }
  return results
}

/** Until every message is on offer, and its octets have been read once. */
async function readAll(peer: Peer, messages: number): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    const line = await inside(peer)
    const count = Number((await line.ask('STAT')).first.split(' ')[1])
    if (count >= messages) {
      await line.texts(
        Array.from({ length: messages }, (_, index) => `RETR ${index + 1}`),
        inFlight,
      )
      await line.close()
      break
    }
    await line.close()
    await sleep(500)
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`everything read from the simulated Gmail in ${seconds} s`)
}
