import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasDovecot, startDovecot } from '#test/dovecot/dovecot.ts'
import { startPostern, withFolder } from '#test/postern.ts'
import type { Door } from '#test/postern.ts'
import { writeCorpus } from './corpus.ts'
import { ImapLine } from './imap-line.ts'
import { large } from './large.ts'
import { rssBytes } from './memory.ts'
import { median, report } from './report.ts'

interface Peer {
  readonly name: string
  readonly imap: Door
  readonly account: { user: string; password: string }
}

/** One thing that clients do, and how its result is read: higher is better for rates, lower for times. */
interface Workload {
  readonly name: string
  readonly unit: 'messages/s' | 'MB/s' | 'ms' | '/s'
  measure(peer: Peer): Promise<number>
}

/**
 * Speed of the IMAP door on mail that is cached, beside Dovecot (mdbox) on the same messages where one is installed: in
 * turn, medians and ratios; then a large mailbox. Options: `--messages=10000 --rounds=5 --large=100000`; 0 leaves a part out.
 */
export async function imap(options: ReadonlyMap<string, string>): Promise<void> {
  const messages = Number(options.get('messages') ?? '10000')
  const rounds = Number(options.get('rounds') ?? '5')
  const largeMessages = Number(options.get('large') ?? '100000')
  // Single messages are taken from the first 900.
  if (messages > 0) await beside(Math.max(900, messages), rounds, options)
  if (largeMessages > 0) await large(largeMessages)
}

async function beside(messages: number, rounds: number, options: ReadonlyMap<string, string>): Promise<void> {
  await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    const { bytes } = writeCorpus(mail, {
      count: messages,
      medianBytes: Number(options.get('median') ?? '22000'),
    })
    console.log(`${messages} messages, ${(bytes / 1e6).toFixed(0)} MB`)
    const running = await startPostern(['demo', '--mail', mail, '--quota', '0'], {
      POSTERN_CACHE_DISK_MB: '4096',
      POSTERN_CACHE_MEMORY_MB: options.get('memory') ?? '2048',
    })
    const dovecot = hasDovecot() ? await startDovecot({ mail, format: 'mdbox' }) : undefined
    try {
      const ours: Peer = { name: 'Postern', ...running.ready }
      await readAll(ours, messages)
      console.log(`memory with everything read: ${rss(running.ready.pid)}`)
      const peers = [ours]
      if (dovecot === undefined)
        console.log('No Dovecot here (apt-get install dovecot-imapd): absolute figures only')
      else
        peers.push({
          name: 'Dovecot',
          imap: dovecot.imap,
          account: { user: dovecot.user, password: dovecot.password },
        })
      for (const workload of workloads) report(workload, await inTurn(workload, peers, rounds))
      await idle(ours, running.ready.pid)
    } finally {
      await dovecot?.stop()
      await running.stop()
    }
  })
}

const workloads: readonly Workload[] = [
  { name: 'connect + LOGIN + SELECT', unit: 'ms', measure: timed(async () => {}) },
  { name: 'FLAGS of all', unit: 'messages/s', measure: rate('FETCH 1:* (FLAGS)') },
  {
    name: 'SIZE FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE of all',
    unit: 'messages/s',
    measure: rate('FETCH 1:* (RFC822.SIZE FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE)'),
  },
  {
    name: 'HEADER.FIELDS (6) of all',
    unit: 'messages/s',
    measure: rate('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID)])'),
  },
  { name: 'BODY.PEEK[] of all', unit: 'MB/s', measure: megabytes('FETCH 1:* (BODY.PEEK[])') },
  { name: 'BODY.PEEK[] of all, TLS', unit: 'MB/s', measure: megabytes('FETCH 1:* (BODY.PEEK[])', true) },
  { name: 'one BODY.PEEK[], median', unit: 'ms', measure: median200('BODY.PEEK[]') },
  { name: 'one ENVELOPE, median', unit: 'ms', measure: median200('ENVELOPE') },
  { name: 'UID SEARCH UNSEEN', unit: 'ms', measure: search('UNSEEN') },
  { name: 'UID SEARCH FROM', unit: 'ms', measure: search('FROM "hopper"') },
  { name: 'UID SEARCH SUBJECT', unit: 'ms', measure: search('SUBJECT "budget"') },
  { name: 'UID SEARCH HEADER Message-ID', unit: 'ms', measure: search('HEADER Message-ID "corpus.77."') },
  // The corpus has forty words, so that nearly every message has all of these: the worst case of an index.
  {
    name: 'UID SEARCH BODY, words that all have',
    unit: 'ms',
    measure: search('BODY "garden budget harbour"'),
  },
  { name: 'UID SEARCH TEXT, a word that none has', unit: 'ms', measure: search('TEXT "zymurgy"') },
]

function timed(work: (line: ImapLine) => Promise<void>): Workload['measure'] {
  return async (peer) => {
    const startedAt = performance.now()
    const line = await selected(peer)
    await work(line)
    const ms = performance.now() - startedAt
    line.close()
    return ms
  }
}

function rate(command: string): Workload['measure'] {
  return withLine(async (line) => {
    const { totalMs, untagged } = await line.ok(command)
    return (untagged / totalMs) * 1000
  })
}

function megabytes(command: string, secure = false): Workload['measure'] {
  return withLine(async (line) => {
    const { totalMs, bytes } = await line.ok(command)
    return bytes / 1000 / totalMs
  }, secure)
}

function search(keys: string): Workload['measure'] {
  return withLine(async (line) => (await line.ok(`UID SEARCH ${keys}`)).totalMs)
}

function median200(item: string): Workload['measure'] {
  return withLine(async (line) => {
    const times: number[] = []
    for (let turn = 0; turn < 200; turn++)
      times.push((await line.ok(`FETCH ${1 + ((turn * 37) % 900)} (${item})`)).totalMs)
    return median(times)
  })
}

function withLine(work: (line: ImapLine) => Promise<number>, secure = false): Workload['measure'] {
  return async (peer) => {
    const line = await selected(peer, secure)
    const result = await work(line)
    line.close()
    return result
  }
}

async function selected(peer: Peer, secure = false): Promise<ImapLine> {
  const line =
    secure && 'imaps' in peer
      ? await ImapLine.connect(peer.imaps as Door, true)
      : await ImapLine.connect(peer.imap)
  await line.login(peer.account)
  await line.ok('SELECT INBOX')
  return line
}

async function inTurn(
  workload: Workload,
  peers: readonly Peer[],
  rounds: number,
): Promise<Map<string, number[]>> {
  const results = new Map(peers.map(({ name }): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const peer of peers) results.get(peer.name)?.push(await workload.measure(peer))
  return results
}

/** Until every message is read ahead. */
async function readAll(peer: Peer, messages: number): Promise<void> {
  const startedAt = performance.now()
  const line = await selected(peer)
  const { untagged } = await line.ok('FETCH 1:* (RFC822.SIZE)')
  if (untagged < messages) throw new Error(`only ${untagged} of ${messages} messages are there`)
  await line.ok('FETCH 1:* (BODY.PEEK[])')
  line.close()
  console.log(
    `everything read from the simulated Gmail in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  )
}

async function idle(peer: Peer, pid: number): Promise<void> {
  const count = 40
  const before = rssBytes(pid)
  const lines: ImapLine[] = []
  for (let number = 0; number < count; number++) {
    const line = await selected(peer)
    const waiting = line.waitFor(/^\+ /)
    line.send('i1 IDLE\r\n')
    await waiting
    lines.push(line)
  }
  await sleep(500)
  const each = (rssBytes(pid) - before) / count / 1024
  console.log(`memory per idle connection: ${each.toFixed(0)} KB`)
  for (const line of lines) line.close()
}

function rss(pid: number): string {
  return `${(rssBytes(pid) / 1e6).toFixed(0)} MB`
}
