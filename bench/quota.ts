import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { control, startPostern, withFolder } from '#test/postern.ts'
import type { Ready, Running } from '#test/postern.ts'
import { writeCorpus } from './corpus.ts'
import { ImapLine } from './imap-line.ts'
import type { Options } from './options.ts'

interface Spent {
  readonly units: number
  readonly calls: Map<string, { calls: number; units: number }>
}

interface Row {
  readonly job: string
  readonly spent: Spent
  readonly atMost: number
  /** More than the units must hold. */
  readonly also?: { readonly sentence: string; readonly holds: boolean }
}

/** The formula's. */
const unitsPerMessage = 20.1

const folders = ['INBOX', 'Work', 'Work/Projects', 'Lists', 'SENT']

/**
 * Prints what each job costs at Gmail (the simulator's own ledger) beside the formulas of facts/performance.md section A.
 * Options: `--messages=1000`. Exits with 1 when a job costs more than its formula and 5%.
 */
export async function quota(options: Options): Promise<void> {
  const messages = options.number('messages', 1000)
  const rows: Row[] = []
  await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    const data = join(dir, 'data')
    writeCorpus(mail, { count: messages, folders, medianBytes: 4000, attachedShare: 0.02 })
    const args = ['demo', '--mail', mail, '--quota', '0', '--data', data]
    let running = await startPostern(args, { POSTERN_PREFETCH: 'off', POSTERN_POLL_SECONDS: '3600' })
    try {
      rows.push(await connecting(running.ready, messages))
      rows.push(await downloading(running.ready, messages))
      rows.push(await again(running.ready, 'a second full download by another client'))
      rows.push(await polling(running))
      await running.stop()
      running = await startPostern(args, { POSTERN_PREFETCH: 'off', POSTERN_POLL_SECONDS: '3600' })
      rows.push(await again(running.ready, 'a restart and a full download'))
    } finally {
      await running.stop()
    }
  })
  print(rows)
  for (const count of [10_000, 100_000])
    console.log(
      `reading ${count} messages ahead at 6000 units a minute: ${((count * unitsPerMessage) / 6000).toFixed(0)} minutes`,
    )
  if (rows.some(({ spent, atMost, also }) => spent.units > atMost * 1.05 || also?.holds === false))
    process.exitCode = 1
}

/** Connect, let every mailbox be listed. */
async function connecting(ready: Ready, messages: number): Promise<Row> {
  const line = await open(ready)
  const names = await mailboxes(line)
  let pages = 0
  for (const name of names) {
    const { lines } = await line.ok(`EXAMINE ${name}`, true)
    pages += Math.ceil(Number(/\* (\d+) EXISTS/.exec(lines.join('\n'))?.[1] ?? '0') / 500)
  }
  await line.ok('EXAMINE INBOX')
  const { untagged } = await line.ok('UID SEARCH UNSEEN')
  if (untagged !== 1) throw new Error('SEARCH answered nothing')
  const unread = await line.ok('SEARCH RETURN (COUNT) UNSEEN', true)
  pages += Math.ceil(Number(/COUNT (\d+)/.exec(unread.lines.join(' '))?.[1] ?? '0') / 500)
  line.close()
  const spent = await ledger(ready)
  return {
    job: `connect and list ${messages} messages in ${names.length} mailboxes`,
    spent,
    atMost: 5 * pages + 20,
    also: { sentence: 'no message was read', holds: !spent.calls.has('messages.get') },
  }
}

/** Three clients download everything, each starting in another mailbox. */
async function downloading(ready: Ready, messages: number): Promise<Row> {
  await control(ready, 'reset')
  await Promise.all([0, 1, 2].map((turn) => downloadAll(ready, turn)))
  return {
    job: `three clients download all of it at once`,
    spent: await ledger(ready),
    atMost: unitsPerMessage * messages,
  }
}

async function again(ready: Ready, job: string): Promise<Row> {
  await control(ready, 'reset')
  await downloadAll(ready, 0)
  const spent = await ledger(ready)
  return {
    job,
    spent,
    atMost: 10,
    also: { sentence: 'no message was read', holds: !spent.calls.has('messages.get') },
  }
}

/** Nothing changed: NOOP looks for news. */
async function polling({ ready }: Running): Promise<Row> {
  const line = await open(ready)
  await line.ok('EXAMINE INBOX')
  const times = 5
  await control(ready, 'reset')
  for (let time = 0; time < times; time++) {
    // NOOP asks Gmail when the last answer is older than a second.
    await sleep(1500)
    await line.ok('NOOP')
  }
  line.close()
  return { job: `${times} polls that find nothing`, spent: await ledger(ready), atMost: 2 * times }
}

async function downloadAll(ready: Ready, turn: number): Promise<void> {
  const line = await open(ready)
  const names = await mailboxes(line)
  for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
    await line.ok(`EXAMINE ${name}`)
    const answer = await line.command('UID FETCH 1:* (UID FLAGS BODY.PEEK[])')
    if (!answer.status.startsWith('OK')) throw new Error(`FETCH: ${answer.status}`)
  }
  line.close()
}

async function open(ready: Ready): Promise<ImapLine> {
  const line = await ImapLine.connect(ready.imap)
  await line.login(ready.account)
  return line
}

async function mailboxes(line: ImapLine): Promise<string[]> {
  const { lines } = await line.ok('LIST "" "*"', true)
  return lines
    .filter((one) => !/\\Noselect|\\NonExistent/i.test(one))
    .map((one) => /"\/" (.*)$/.exec(one)?.[1] ?? 'INBOX')
}

async function ledger(ready: Ready): Promise<Spent> {
  const { methods } = (await control(ready, 'ledger')) as {
    methods: Record<string, { calls: number; units: number }>
  }
  const calls = new Map(Object.entries(methods).filter(([, line]) => line.calls > 0))
  return { units: [...calls.values()].reduce((sum, line) => sum + line.units, 0), calls }
}

function print(rows: readonly Row[]): void {
  for (const { job, spent, atMost, also } of rows) {
    const ratio = (spent.units / atMost).toFixed(3)
    console.log(`${job}\n  ${spent.units} units, formula ${Math.round(atMost)}, ratio ${ratio}`)
    if (also !== undefined) console.log(`  ${also.sentence}: ${also.holds ? 'yes' : 'NO'}`)
    for (const [method, line] of spent.calls)
      console.log(`    ${method}: ${line.calls} calls, ${line.units} units`)
  }
}
