import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { FetchItem } from './item.ts'

type Column = 'uid' | 'flags' | 'modseq'

/**
 * Writes answers that the view alone holds, such as ten thousand FLAGS: no object per message, and of strings only what
 * cannot be made ready before. Other items must not be among them, but a lazy PREVIEW may.
 */
export class SnapshotAnswers {
  readonly #told: MailboxSnapshot
  readonly #columns: readonly Column[]
  /** What stands before each column. */
  readonly #before: readonly string[]
  readonly #end: string
  readonly #uidOnly: boolean
  readonly #flagTexts: (string | undefined)[]

  constructor(told: MailboxSnapshot, items: readonly FetchItem[], uidOnly = false) {
    this.#uidOnly = uidOnly
    this.#told = told
    this.#flagTexts = Array.from({ length: told.flagTable.size })
    const before: string[] = []
    const columns: Column[] = []
    let text = uidOnly ? ' UIDFETCH (' : ' FETCH ('
    for (const [i, { label }] of items.entries()) {
      if (i > 0) text += ' '
      const column = columnOf(label)
      if (column === undefined) text += `${label} NIL`
      else {
        before.push(`${text}${label} ${column === 'uid' ? '' : '('}`)
        columns.push(column)
        text = column === 'uid' ? '' : ')'
      }
    }
    this.#before = before
    this.#columns = columns
    this.#end = `${text})\r\n`
  }

  /** One answer, about the message at this index of the view. */
  line(index: number): string {
    const { uids, flags, modSeqs } = this.#told
    let text = `* ${this.#uidOnly ? (uids[index] as number) : index + 1}`
    for (let i = 0; i < this.#columns.length; i++) {
      text += this.#before[i] as string
      switch (this.#columns[i]) {
        case 'uid':
          text += uids[index] as number
          break
        case 'flags':
          text += this.#flagText(flags[index] as number)
          break
        default:
          text += modSeqs[index] as number
      }
    }
    return text + this.#end
  }

  #flagText(set: number): string {
    return (this.#flagTexts[set] ??= this.#told.flagTable.get(set).text)
  }
}

function columnOf(label: string): Column | undefined {
  switch (label) {
    case 'UID':
      return 'uid'
    case 'FLAGS':
      return 'flags'
    case 'MODSEQ':
      return 'modseq'
    default:
      return undefined
  }
}
