import { timesAtMost, type Bar } from '../bar.ts'
import { rareWord } from '../corpus.ts'
import { withLine } from './peer.ts'
import { inTurn, row, type Scene, type Workload } from './workload.ts'

/** Of facts/performance.md section D: what people look for, on the mail of `writeCorpus` with the flags of `mark`. */
interface Search {
  readonly what: string
  readonly keys: string
  readonly bar?: Bar
  /** Seconds each: two rounds are enough. */
  readonly slow?: boolean
}

const searches: readonly Search[] = [
  { what: 'ALL', keys: 'ALL' },
  { what: 'UNSEEN', keys: 'UNSEEN' },
  { what: 'FLAGGED', keys: 'FLAGGED' },
  { what: 'UID range SEEN', keys: 'UID 2000:3000 SEEN' },
  { what: 'SINCE BEFORE', keys: 'SINCE 1-May-2024 BEFORE 7-Jul-2024' },
  { what: 'SENTSINCE SENTBEFORE', keys: 'SENTSINCE 1-May-2024 SENTBEFORE 7-Jul-2024' },
  { what: 'LARGER', keys: 'LARGER 100000' },
  { what: 'FROM', keys: 'FROM "hopper"', bar: timesAtMost(0.5) },
  { what: 'SUBJECT', keys: 'SUBJECT "budget"', bar: timesAtMost(0.5) },
  { what: 'HEADER Message-ID', keys: 'HEADER Message-ID "corpus.77."' },
  { what: 'OR FROM SUBJECT', keys: 'OR FROM "hopper" SUBJECT "budget"' },
  { what: 'UNSEEN NOT FLAGGED SMALLER TO', keys: 'UNSEEN NOT FLAGGED SMALLER 20000 TO "reader"' },
  { what: 'HEADER List-Id', keys: 'HEADER List-Id "garden"' },
  {
    what: 'BODY, a word of one in fifty',
    keys: `BODY "${rareWord}"`,
    bar: timesAtMost(0.05),
    slow: true,
  },
  { what: 'BODY, three words', keys: 'BODY "garden budget harbour"', bar: timesAtMost(0.05), slow: true },
  {
    what: 'BODY, four words',
    keys: 'BODY "garden budget harbour mailbox"',
    bar: timesAtMost(0.05),
    slow: true,
  },
  { what: 'TEXT, a word that none has', keys: 'TEXT "zymurgy"', bar: timesAtMost(0.05), slow: true },
]

export const search: Workload = {
  name: 'search',
  about: 'what people look for, from flags to text',
  server: 'warm',
  async run(scene, add) {
    for (const one of searches) add(await measured(scene, one))
  },
}

async function measured(scene: Scene, { what, keys, bar, slow = false }: Search) {
  const rounds = slow ? Math.min(2, scene.rounds) : scene.rounds
  const medians = await inTurn(
    scene,
    rounds,
    async (peer) =>
      await withLine(peer, async (line) => {
        const { totalMs, lines } = await line.ok(`UID SEARCH ${keys}`, true)
        const found = lines.find((text) => text.startsWith('* SEARCH')) ?? ''
        return { ms: totalMs, hits: found.split(' ').length - 2 }
      }),
  )
  const { ours, theirs } = medians
  const differ = theirs !== undefined && theirs.hits !== ours.hits ? `; Dovecot finds ${theirs.hits}` : ''
  return row(medians, 'ms', {
    what: `UID SEARCH ${what}`,
    unit: 'ms',
    bar,
    note: `${ours.hits} hits${differ}`,
  })
}
