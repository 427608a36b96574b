import { timesAtMost } from '../bar.ts'
import { spread } from '../sample.ts'
import { mark } from './marks.ts'
import { withLine, type Peer } from './peer.ts'
import { rows, took } from './took.ts'
import { inTurn, row, type Workload } from './workload.ts'

const many = 1000
const ones = 100

export const store: Workload = {
  name: 'store',
  about: 'flags of one message',
  server: 'warm',
  async run(scene, add) {
    const turns = Math.min(3, scene.rounds)
    const asked = await inTurn(scene, turns, (peer) => storeOnes(peer, '\\Flagged'))
    // Means, since of the calls to Gmail no more is known.
    for (const one of rows(asked, 'mean', 'local', 'STORE one, a flag of Gmail, mean')) add(one)
    add(row(asked, 'p99', { what: 'STORE one, a flag of Gmail, p99, whole', unit: 'ms' }))
    const kept = await inTurn(scene, turns, (peer) => storeOnes(peer, '\\Answered'))
    const what = 'STORE one, a flag that Gmail lacks'
    add(row(kept, 'p50', { what: `${what}, p50`, unit: 'ms', bar: timesAtMost(2) }))
    add(row(kept, 'p99', { what: `${what}, p99`, unit: 'ms', bar: timesAtMost(2) }))
  },
}

export const storeMany: Workload = {
  name: 'store-1000',
  about: 'flags of a thousand messages in one command',
  server: 'warm',
  async run(scene, add) {
    for (const [flag, where] of [
      ['\\Flagged', 'a flag of Gmail'],
      ['\\Answered', 'a flag that Gmail lacks'],
    ] as const) {
      const medians = await inTurn(scene, scene.rounds, (peer) => storeAll(peer, flag))
      for (const one of rows(medians, 'silent', 'silentLocal', `STORE ${many} .SILENT, ${where}`)) add(one)
      for (const one of rows(medians, 'told', 'toldLocal', `STORE ${many} with answers, ${where}`)) add(one)
    }
  },
}

async function storeOnes(peer: Peer, flag: string) {
  return await withLine(peer, async (line) => {
    const times: number[] = []
    const storeOne = async (turn: number) => {
      // Each message gets the flag and loses it; every twentieth is flagged and stays so.
      const number = 1 + Math.floor(turn / 2) * 20
      times.push((await line.ok(`STORE ${number} ${turn % 2 === 0 ? '+' : '-'}FLAGS (${flag})`)).totalMs)
    }
    const away = await peer.awayMs()
    for (let turn = 0; turn < ones; turn++) await storeOne(turn)
    const each = ((await peer.awayMs()) - away) / ones
    const mean = times.reduce((sum, ms) => sum + ms, 0) / ones
    return { ...spread(times), mean, local: Math.max(0, mean - each) }
  })
}

async function storeAll(peer: Peer, flag: string) {
  return await withLine(peer, async (line) => {
    const silent = await took(peer, () => line.ok(`STORE 1:${many} +FLAGS.SILENT (${flag})`))
    const told = await took(peer, () => line.ok(`STORE 1:${many} -FLAGS (${flag})`))
    if (flag === '\\Flagged') await mark(line, many)
    return { silent: silent.whole, silentLocal: silent.local, told: told.whole, toldLocal: told.local }
  })
}
