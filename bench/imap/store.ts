import type { ImapLine } from '../imap-line.ts'
import { median, quantile } from '../sample.ts'
import { mark } from './marks.ts'
import { withLine, type Peer } from './peer.ts'
import { rows, took, type Took } from './took.ts'
import { inTurn, type Workload } from './workload.ts'

const many = 1000
const ones = 60

export const store: Workload = {
  name: 'store',
  about: 'flags of one message and of a thousand',
  server: 'warm',
  async run(scene, add) {
    for (const [flag, where] of [
      ['\\Flagged', 'a flag of Gmail'],
      ['\\Answered', 'a flag that Gmail lacks'],
    ] as const) {
      const medians = await inTurn(
        scene,
        Math.min(3, scene.rounds),
        async (peer) => await withLine(peer, (line) => storeOnes(peer, line, flag)),
      )
      for (const p of ['p50', 'p99'] as const)
        for (const one of rows(medians, `whole ${p}`, `local ${p}`, `STORE one, ${where}, ${p}`)) add(one)
    }
    const medians = await inTurn(
      scene,
      scene.rounds,
      async (peer) =>
        await withLine(peer, async (line) => {
          const silent = await took(peer, () => line.ok(`STORE 1:${many} +FLAGS.SILENT (\\Flagged)`))
          const told = await took(peer, () => line.ok(`STORE 1:${many} -FLAGS (\\Flagged)`))
          await mark(line, many)
          return { silent: silent.whole, silentLocal: silent.local, told: told.whole, toldLocal: told.local }
        }),
    )
    for (const one of rows(medians, 'silent', 'silentLocal', `STORE ${many} .SILENT`)) add(one)
    for (const one of rows(medians, 'told', 'toldLocal', `STORE ${many} with answers`)) add(one)
  },
}

async function storeOnes(peer: Peer, line: ImapLine, flag: string) {
  const times: Took[] = []
  for (let turn = 0; turn < ones; turn++) {
    // Each message gets the flag and loses it; every twentieth is flagged and stays so.
    const number = 1 + Math.floor(turn / 2) * 20
    times.push(
      await took(peer, () => line.ok(`STORE ${number} ${turn % 2 === 0 ? '+' : '-'}FLAGS (${flag})`)),
    )
  }
  const [whole, local] = [times.map((one) => one.whole), times.map((one) => one.local)]
  return {
    'whole p50': median(whole),
    'local p50': median(local),
    'whole p99': quantile(whole, 0.99),
    'local p99': quantile(local, 0.99),
  }
}
