import { join } from 'node:path'
import { startPostern, withFolder } from '#test/postern.ts'
import { writeCorpus } from './corpus.ts'
import { ImapLine } from './imap-line.ts'
import type { Options } from './options.ts'

/**
 * One FETCH of envelopes that nobody has read yet, under the quota of a new Google project: when the first answer comes, and
 * the longest pause between two. Options: `--messages=1000 --latency=120`.
 */
export async function silence(options: Options): Promise<void> {
  const messages = options.number('messages', 1000)
  const latency = options.text('latency') ?? '120'
  await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    writeCorpus(mail, { count: messages, medianBytes: 4000, attachedShare: 0 })
    const running = await startPostern(['demo', '--mail', mail, '--quota', '6000', '--latency', latency], {
      POSTERN_PREFETCH: 'off',
    })
    try {
      const line = await ImapLine.connect(running.ready.imap)
      await line.login(running.ready.account)
      await line.ok('EXAMINE INBOX')
      const { firstMs, totalMs, longestPauseMs, untagged } = await line.ok(`FETCH 1:* (ENVELOPE)`)
      console.log(
        `${messages} unread-yet envelopes at 6000 units a minute: first answer after ${firstMs.toFixed(0)} ms, longest pause ${(longestPauseMs / 1000).toFixed(1)} s, all ${untagged} answers in ${(totalMs / 1000).toFixed(0)} s (the quota alone needs ${((messages * 20) / 100).toFixed(0)} s)`,
      )
      line.close()
    } finally {
      await running.stop()
    }
  })
}
