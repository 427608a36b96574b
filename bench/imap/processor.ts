import { cpuSeconds } from '../footprint.ts'
import { envelope, headerFields, wholeBody } from './bulk.ts'
import { scripts } from './mixed.ts'
import { withLine } from './peer.ts'
import { inTurn, row, type Workload } from './workload.ts'

/** The kernel counts in steps of 10 ms: so many answers are measured together. */
const together = 4

export const processor: Workload = {
  name: 'cpu',
  about: 'what one whole answer takes of processors, less noisy than time',
  server: 'warm',
  async run(scene, add) {
    const answers = [
      ['envelopes', envelope],
      ['header fields', headerFields],
      ['bodies', wholeBody],
    ] as const
    for (const [what, items] of answers) {
      const medians = await inTurn(
        scene,
        1,
        async (peer) =>
          await withLine(peer, async (line) => {
            const before = cpuSeconds(peer.pid)
            for (let turn = 0; turn < together; turn++) await line.ok(`FETCH 1:* (${items})`)
            return { seconds: (cpuSeconds(peer.pid) - before) / together }
          }),
      )
      add(row(medians, 'seconds', { what: `CPU of ${what} of all`, unit: 's' }))
    }
    const medians = await inTurn(scene, 1, async (peer) => {
      const before = cpuSeconds(peer.pid)
      const { rate } = await scripts(
        peer,
        scene.messages,
        { sessions: 10, kept: true, flag: '\\Answered' },
        2,
      )
      return { ms: ((cpuSeconds(peer.pid) - before) * 1000) / (rate * 2) }
    })
    add(row(medians, 'ms', { what: 'CPU of a mixed script, 10 kept', unit: 'ms' }))
  },
}
