import { timesAtMost, type Bar } from '../bar.ts'
import { rareWord } from '../corpus.ts'
import type { ImapLine } from '../imap-line.ts'
import { withLine, type Peer } from './peer.ts'
import { inTurn, row, type Medians, type Scene, type Workload } from './workload.ts'

/** Of facts/performance.md section D: what people look for, on the mail of `writeCorpus` with the flags of `mark`. */
interface Search {
  readonly what: string
  readonly keys: string
  readonly bar?: Bar
}

/** Of what stands in messages. Each round looks for another text, since what was found out about one is kept. */
interface TextSearch {
  readonly what: string
  readonly of: 'BODY' | 'TEXT'
  readonly texts: readonly string[]
}

/** Seconds each: few rounds are enough. */
const textSearches: readonly TextSearch[] = [
  {
    what: 'BODY, a word of one in fifty',
    of: 'BODY',
    texts: [rareWord, `the ${rareWord}`, `${rareWord} fig`],
  },
  {
    what: 'BODY, three words',
    of: 'BODY',
    texts: ['garden budget harbour', 'meeting delivery network', 'paper winter answer'],
  },
  {
    what: 'BODY, four words',
    of: 'BODY',
    texts: ['garden budget harbour mailbox', 'river contract evening server', 'letter window market summer'],
  },
  { what: 'TEXT, a word that none has', of: 'TEXT', texts: ['zymurgy', 'quixotry', 'xylophone'] },
]

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
]

export const search: Workload = {
  name: 'search',
  about: 'what people look for, from flags to text',
  server: 'warm',
  async run(scene, add) {
    for (const one of searches) add(await measured(scene, one))
    for (const one of textSearches) for (const told of await measuredTexts(scene, one)) add(told)
  },
}

async function measured(scene: Scene, { what, keys, bar }: Search) {
  const medians = await inTurn(scene, scene.rounds, (peer) => withLine(peer, (line) => asked(line, keys)))
  return row(medians, 'ms', { what: `UID SEARCH ${what}`, unit: 'ms', bar, note: hitsOf(medians) })
}

/** A text that nobody has looked for, and the same once more. */
async function measuredTexts(scene: Scene, { what, of, texts }: TextSearch) {
  const left = new Map<Peer, string[]>()
  const medians = await inTurn(scene, Math.min(texts.length, scene.rounds), async (peer) => {
    const mine = left.get(peer) ?? [...texts]
    left.set(peer, mine)
    const keys = `${of} "${mine.shift() ?? ''}"`
    return await withLine(peer, async (line) => {
      const first = await asked(line, keys)
      return { ...first, again: (await asked(line, keys)).ms }
    })
  })
  const told = { unit: 'ms', bar: timesAtMost(0.05) }
  return [
    row(medians, 'ms', { ...told, what: `UID SEARCH ${what}`, note: hitsOf(medians) }),
    row(medians, 'again', { ...told, what: `– ${what}, once more` }),
  ]
}

async function asked(line: ImapLine, keys: string) {
  const { totalMs, lines } = await line.ok(`UID SEARCH ${keys}`, true)
  const found = lines.find((text) => text.startsWith('* SEARCH')) ?? ''
  return { ms: totalMs, hits: found.split(' ').length - 2 }
}

function hitsOf({ ours, theirs }: Medians<'hits'>): string {
  const differ = theirs !== undefined && theirs.hits !== ours.hits ? `; Dovecot finds ${theirs.hits}` : ''
  return `${ours.hits} hits${differ}`
}
