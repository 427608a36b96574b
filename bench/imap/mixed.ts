import { timesAtLeast, type Bar } from '../bar.ts'
import type { ImapLine } from '../imap-line.ts'
import { quantile } from '../sample.ts'
import { open, type Peer } from './peer.ts'
import { inTurn, row, type Workload } from './workload.ts'

/** How one cell of the table is measured. */
interface Cell {
  readonly sessions: number
  /** Connections are kept, or made anew for each script. */
  readonly kept: boolean
  /** What is set and taken away again: `\Answered` is kept by us alone, `\Flagged` at Gmail. */
  readonly flag: '\\Answered' | '\\Flagged'
  readonly bar?: Bar
  readonly aim?: Bar
}

const cells: readonly Cell[] = [
  { sessions: 1, kept: true, flag: '\\Answered' },
  { sessions: 10, kept: true, flag: '\\Answered', bar: timesAtLeast(0.7), aim: timesAtLeast(1) },
  { sessions: 50, kept: true, flag: '\\Answered', bar: timesAtLeast(0.7), aim: timesAtLeast(1) },
  { sessions: 200, kept: true, flag: '\\Answered' },
  { sessions: 1, kept: false, flag: '\\Answered' },
  { sessions: 10, kept: false, flag: '\\Answered' },
  { sessions: 50, kept: false, flag: '\\Answered', bar: timesAtLeast(2) },
  { sessions: 200, kept: false, flag: '\\Answered' },
  { sessions: 10, kept: true, flag: '\\Flagged' },
  { sessions: 50, kept: true, flag: '\\Flagged' },
]

export const mixed: Workload = {
  name: 'mixed',
  about: 'what a mail program does in a visit, by 1 to 200 sessions at once',
  server: 'warm',
  async run(scene, add) {
    const seconds = scene.options.number('seconds', 1)
    for (const cell of cells) {
      const medians = await inTurn(
        scene,
        Math.min(2, scene.rounds),
        async (peer) => await scripts(peer, scene.messages, cell, seconds),
      )
      const { sessions, kept, flag, bar, aim } = cell
      const what = `scripts, ${sessions} ${kept ? 'kept' : 'logging in'}${flag === '\\Flagged' ? ', flags at Gmail' : ''}`
      add(row(medians, 'rate', { what, unit: '/s', bar, aim }))
      add(row(medians, 'p50', { what: `– one of them, p50`, unit: 'ms' }))
      add(row(medians, 'p99', { what: `– one of them, p99`, unit: 'ms' }))
    }
  },
}

/** So many sessions do one script after the other until the time is over. */
export async function scripts(
  peer: Peer,
  messages: number,
  { sessions, kept, flag }: Pick<Cell, 'sessions' | 'kept' | 'flag'>,
  seconds: number,
) {
  const times: number[] = []
  const lines = kept ? await Promise.all(Array.from({ length: sessions }, () => open(peer))) : []
  for (const line of lines) await line.ok('SELECT INBOX')
  const startedAt = performance.now()
  const endsAt = startedAt + seconds * 1000
  const session = async (_: unknown, number: number) => {
    for (let turn = 0; performance.now() < endsAt; turn++) {
      const at = performance.now()
      const line = lines[number] ?? (await open(peer))
      if (!kept) await line.ok('SELECT INBOX')
      await script(line, messages, number * 7919 + turn, flag)
      if (!kept) {
        await line.command('LOGOUT')
        line.close()
      }
      times.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: sessions }, session))
  const rate = (times.length / (performance.now() - startedAt)) * 1000
  for (const line of lines) line.close()
  return { rate, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** The script of facts/performance.md section D. */
async function script(line: ImapLine, messages: number, seed: number, flag: string): Promise<void> {
  await line.ok('LIST "" "*"')
  await line.ok(`FETCH ${Math.max(1, messages - 49)}:${messages} (ENVELOPE)`)
  for (let turn = 0; turn < 5; turn++)
    await line.ok(`FETCH ${1 + ((seed * 31 + turn * 7907) % messages)} (BODY.PEEK[])`)
  await line.ok('SEARCH UNSEEN')
  // Not one of those that `mark` flags.
  const number = 1 + (seed % Math.floor(messages / 20)) * 20
  await line.ok(`STORE ${number} +FLAGS (${flag})`)
  await line.ok(`STORE ${number} -FLAGS (${flag})`)
  await line.ok('NOOP')
}
