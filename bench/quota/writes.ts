import { join } from 'node:path'
import { control, startPostern, withFolder, type Ready } from '#test/postern.ts'
import { writeCorpus } from '../corpus.ts'
import { ImapLine } from '../imap-line.ts'
import { ledger, type Job } from './job.ts'

const counts = [1, 10, 11, 1000, 2500] as const

/** Flagging or moving: section A.2, point 6. */
function changing(count: number): number {
  return 50 * Math.floor(count / 1000) + Math.min(5 * (count % 1000), 50)
}

/** Deleting for good: ten each, or 50 for as many as go into one call. */
function deleting(count: number): number {
  return 50 * Math.floor(count / 1000) + Math.min(10 * (count % 1000), 50)
}

/** So many messages in one command: flagged, copied, moved, taken out of a mailbox, thrown away and deleted for good. */
export async function* writes(): AsyncGenerator<Job> {
  yield* await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    // Those that are thrown away do not come back.
    const count = counts.reduce((sum, one) => sum + one, 0)
    writeCorpus(mail, { count, medianBytes: 500, attachedShare: 0 })
    const running = await startPostern(['demo', '--mail', mail, '--quota', '0'], {
      POSTERN_PREFETCH: 'off',
      POSTERN_POLL_SECONDS: '3600',
    })
    try {
      const jobs: Job[] = []
      for (const many of counts) jobs.push(...(await ofMany(running.ready, many)))
      return jobs
    } finally {
      await running.stop()
    }
  })
}

async function ofMany(ready: Ready, many: number): Promise<Job[]> {
  const line = await ImapLine.connect(ready.imap)
  await line.login(ready.account)
  for (const name of ['BenchA', 'BenchB']) await line.ok(`CREATE ${name}`)
  const all = `1:${many}`
  const trash = '"[Gmail]/Trash"'
  const change = changing(many)
  const steps: readonly (readonly [what: string, mailbox: string, command: string, atMost: number])[] = [
    ['flagged', 'INBOX', `STORE ${all} +FLAGS.SILENT (\\Flagged)`, change],
    ['given a flag that Gmail lacks', 'INBOX', `STORE ${all} +FLAGS.SILENT (\\Answered)`, 0],
    ['copied', 'INBOX', `COPY ${all} BenchA`, change],
    ['moved', 'BenchA', `MOVE ${all} BenchB`, change],
    ['marked \\Deleted', 'BenchB', `STORE ${all} +FLAGS.SILENT (\\Deleted)`, 0],
    ['expunged from a label', 'BenchB', 'EXPUNGE', change],
    ['moved to Trash', 'INBOX', `MOVE ${all} ${trash}`, change],
    ['marked \\Deleted in Trash', trash, `STORE ${all} +FLAGS.SILENT (\\Deleted)`, 0],
    ['deleted for good', trash, 'EXPUNGE', deleting(many)],
  ]
  const jobs: Job[] = []
  for (const [what, mailbox, command, atMost] of steps) {
    await line.ok(`SELECT ${mailbox}`)
    await control(ready, 'reset')
    await line.ok(command)
    // SELECT looks for news, maybe a little later.
    const spent = await ledger(ready, 'history.list')
    const least = atMost === 0 ? 0 : Math.ceil(many / 1000)
    const calls = [...spent.calls].reduce((sum, [, one]) => sum + one.calls, 0)
    const also = { sentence: least === 1 ? 'one call' : `${least} calls`, holds: calls <= least }
    jobs.push({ what: `${many} ${what}`, spent, atMost, also })
  }
  for (const name of ['BenchA', 'BenchB']) await line.ok(`DELETE ${name}`)
  line.close()
  return jobs
}
