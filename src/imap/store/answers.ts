import { answerHead } from '../answer-head.ts'
import type { Chunk, Extension } from '../command.ts'
import { recentFor, withRecent } from '../recent.ts'
import type { SelectedView } from '../selected-view.ts'

const pieceLength = 64 * 1024

/** What a STORE that changed flags tells. */
export interface Told {
  readonly uid: boolean
  readonly flags: boolean
  readonly modSeq: boolean
}

/** One answer for each message, changed or not; what is told counts as known. */
export function* storeAnswers(
  view: SelectedView,
  indexes: Uint32Array,
  enabled: ReadonlySet<Extension>,
  tells: Told,
): Generator<Chunk, void, void> {
  const { flags, modSeqs } = view.stateNow(indexes)
  const { told } = view
  const { uids, flagTable } = told
  // Flags that are not told may differ from what the client takes for granted: the session tells those later.
  view.acknowledge(
    indexes,
    tells.flags ? flags : indexes.map((index) => told.flags[index] as number),
    modSeqs,
  )
  const uidOnly = enabled.has('UIDONLY')
  const recent = recentFor(enabled, view.recent)
  let text = tells.flags ? view.keywords.news(false) : ''
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number
    const uid = uids[index] as number
    const named = tells.uid && !uidOnly ? `UID ${uid}${tells.flags || tells.modSeq ? ' ' : ''}` : ''
    const { text: words } = flagTable.get(flags[i] as number)
    const flagged = tells.flags ? `FLAGS (${recent.has(uid) ? withRecent(words) : words})` : ''
    const modified = tells.modSeq ? `${tells.flags ? ' ' : ''}MODSEQ (${modSeqs[i]})` : ''
    text += `${answerHead(uidOnly, index, uid)}${named}${flagged}${modified})\r\n`
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}
