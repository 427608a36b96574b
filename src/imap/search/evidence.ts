import type { MessageId, ThreadId } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import { foldForSearch } from '#mail/mime/search-fold.ts'
import { bodyPieces, headerText, searchablePieces } from '#mail/mime/search-text.ts'
import { FoldedPieces } from './folded-pieces.ts'
import type { TextField } from './key.ts'

/** What is known about one message so far. Text comes folded; it is worked out once, when a key asks for it. */
export class Evidence {
  readonly ids: { readonly messageId: MessageId; readonly threadId: ThreadId } | undefined
  readonly record: MessageRecord | undefined
  readonly #bytes: Buffer | undefined
  #text: FoldedPieces | undefined
  #body: FoldedPieces | undefined

  constructor(
    ids: { readonly messageId: MessageId; readonly threadId: ThreadId } | undefined,
    record?: MessageRecord,
    bytes?: Buffer,
  ) {
    this.ids = ids ?? record
    this.record = record
    this.#bytes = bytes
  }

  /** Undefined while there is no record. */
  field(field: TextField): string | undefined {
    const text = this.record?.summary[field]
    return text === undefined ? undefined : foldForSearch(text)
  }

  /** The values of a header field; undefined while the header was not read. */
  header(name: string): string[] | undefined {
    const header = this.record?.header
    return header === undefined ? undefined : headerText(header, name).map(foldForSearch)
  }

  /** Header and body; undefined while the message was not read. */
  text(): FoldedPieces | undefined {
    if (this.#bytes === undefined) return undefined
    return (this.#text ??= new FoldedPieces(searchablePieces(this.#bytes)))
  }

  /** Undefined while the message was not read. */
  body(): FoldedPieces | undefined {
    if (this.#bytes === undefined) return undefined
    return (this.#body ??= new FoldedPieces(bodyPieces(this.#bytes)))
  }
}

/** Nothing is known but what the view tells. */
export const noEvidence = new Evidence(undefined)
