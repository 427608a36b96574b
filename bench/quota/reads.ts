import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { control, startPostern, withFolder, type Ready, type Running } from '#test/postern.ts'
import { writeCorpus } from '../corpus.ts'
import { ImapLine } from '../imap-line.ts'
import { ledger, type Job } from './job.ts'

/** The formula's. */
export const unitsPerMessage = 20.1

const folders = ['INBOX', 'Work', 'Work/Projects', 'Lists', 'SENT']

/** The first sync, a full download by several clients at once, the same again, and looking for news where there are none. */
export async function* reads(messages: number): AsyncGenerator<Job> {
  yield* await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    writeCorpus(mail, { count: messages, folders, medianBytes: 4000, attachedShare: 0.02 })
    const args = ['demo', '--mail', mail, '--quota', '0', '--data', join(dir, 'data')]
    const environment = { POSTERN_PREFETCH: 'off', POSTERN_POLL_SECONDS: '3600' }
    const jobs: Job[] = []
    let running = await startPostern(args, environment)
    try {
      jobs.push(await connecting(running.ready, messages))
      jobs.push(await downloading(running.ready, messages))
      jobs.push(await again(running.ready, 'a second full download by another client'))
      jobs.push(await polling(running))
      await running.stop()
      running = await startPostern(args, environment)
      jobs.push(await again(running.ready, 'a restart and a full download'))
      return jobs
    } finally {
      await running.stop()
    }
  })
}

/** Connect, let every mailbox be listed. */
async function connecting(ready: Ready, messages: number): Promise<Job> {
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
    what: `connect and list ${messages} messages in ${names.length} mailboxes`,
    spent,
    atMost: 5 * pages + 20,
    also: { sentence: 'no message was read', holds: !spent.calls.has('messages.get') },
  }
}

/** Three clients download everything, each starting in another mailbox. */
async function downloading(ready: Ready, messages: number): Promise<Job> {
  await control(ready, 'reset')
  await Promise.all([0, 1, 2].map((turn) => downloadAll(ready, turn)))
  return {
    what: `three clients download all of it at once`,
    spent: await ledger(ready),
    atMost: unitsPerMessage * messages,
  }
}

async function again(ready: Ready, what: string): Promise<Job> {
  await control(ready, 'reset')
  await downloadAll(ready, 0)
  const spent = await ledger(ready)
  return {
    what,
    spent,
    atMost: 10,
    also: { sentence: 'no message was read', holds: !spent.calls.has('messages.get') },
  }
}

/** Nothing changed: NOOP looks for news. */
async function polling({ ready }: Running): Promise<Job> {
  const line = await open(ready)
  await line.ok('EXAMINE INBOX')
  const times = 5
  // A login is followed by a look of its own.
  await sleep(1500)
  await control(ready, 'reset')
  for (let time = 0; time < times; time++) {
    // NOOP asks Gmail when the last answer is older than a second.
    await sleep(1500)
    await line.ok('NOOP')
  }
  // It does not wait for the answer.
  await sleep(500)
  line.close()
  return { what: `${times} polls that find nothing`, spent: await ledger(ready), atMost: 2 * times }
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
