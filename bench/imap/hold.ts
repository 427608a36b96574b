import { atMost } from '../bar.ts'
import { mark } from './marks.ts'
import { withLine } from './peer.ts'
import type { Workload } from './workload.ts'

export const hold: Workload = {
  name: 'hold',
  about: 'how long 2,500 messages in one command hold our event loop, while somebody else looks on',
  server: 'ordinary',
  async run({ ours, bridge, messages }, add) {
    const many = Math.min(2500, messages)
    const all = `1:${many}`
    await withLine(ours, async (onlooker) => {
      await onlooker.idle()
      await withLine(ours, async (line) => {
        await line.ok('CREATE BenchHold')
        await line.ok('CREATE BenchHeld')
        const steps: readonly (readonly [what: string, command: string, before?: string])[] = [
          ['flagged', `STORE ${all} +FLAGS.SILENT (\\Flagged)`],
          ['flagged, with answers', `STORE ${all} -FLAGS (\\Flagged)`],
          ['given a flag that Gmail lacks', `STORE ${all} +FLAGS.SILENT (\\Answered)`],
          ['copied', `COPY ${all} BenchHold`],
          ['moved', `MOVE ${all} BenchHeld`, 'SELECT BenchHold'],
          ['marked \\Deleted', `STORE ${all} +FLAGS.SILENT (\\Deleted)`, 'SELECT BenchHeld'],
          ['expunged', 'EXPUNGE'],
        ]
        for (const [what, command, before] of steps) {
          if (before !== undefined) await line.ok(before)
          await bridge.collect()
          let ms = 0
          const { longestMs, longestCpuMs, busyMs } = await bridge.held(async () => {
            ms = (await line.ok(command)).totalMs
          })
          const note = `${longestCpuMs.toFixed(0)} ms of processor at a stretch; loop busy ${busyMs.toFixed(0)} ms of ${ms.toFixed(0)} ms`
          add({ what: `${many} ${what}: longest hold`, unit: 'ms', ours: longestMs, bar: atMost(50), note })
        }
        await line.ok('SELECT INBOX')
        await line.ok(`STORE ${all} -FLAGS.SILENT (\\Answered)`)
        await mark(line, messages)
        for (const name of ['BenchHold', 'BenchHeld']) await line.ok(`DELETE ${name}`)
      })
    })
  },
}
