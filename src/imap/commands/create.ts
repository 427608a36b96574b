import { command, speaksUtf8 } from '../command.ts'
import type { Authenticated, Completion } from '../command.ts'
import { oneListLine } from '../list/one-line.ts'
import { mayUse, newMailboxName, readMailboxName, withoutDelimiter } from '../mailbox-name.ts'
import { mailboxObjectId } from '../object-ids.ts'
import type { Parser } from '../parser.ts'
import { notYours, readOnlyLogin } from '../writable.ts'

interface CreateArgs {
  readonly name: Buffer
  /** Special uses that the new mailbox is to have: `\Drafts`. RFC 6154 section 3. */
  readonly uses: readonly string[]
}

/** Makes a label. A name that ends with the delimiter only says that children will come. RFC 9051 section 6.3.4. */
export const create = command<CreateArgs, Authenticated>({
  name: 'CREATE',
  rfc: '9051 6.3.4',
  state: 'authenticated',
  // create = "CREATE" SP mailbox [SP "(" create-param *(SP create-param) ")"]. RFC 4466 section 2.1.
  parse(parser) {
    parser.space()
    const name = parser.mailboxName()
    const uses: string[] = []
    if (parser.optionalSpace() && parser.rest > 0) parser.list(() => uses.push(...readUse(parser)))
    parser.end()
    return { name, uses }
  },
  async *run(context, args) {
    const supplied = withoutDelimiter(readMailboxName(args.name, speaksUtf8(context.enabled)))
    const completion = await created(context, args, supplied)
    if (completion.status === 'OK' && context.enabled.has('IMAP4REV2')) {
      const wanted = newMailboxName(supplied)
      if (wanted !== supplied) yield await oneListLine(context, wanted, supplied)
    }
    return completion
  },
})

// "USE" SP "(" [use-attr *(SP use-attr)] ")". RFC 6154 section 6.
function readUse(parser: Parser): string[] {
  if (parser.keyword('A parameter') !== 'USE') parser.fail('This parameter is not known here')
  parser.space()
  return parser.list(() => parser.flag())
}

async function created(context: Authenticated, { uses }: CreateArgs, supplied: string): Promise<Completion> {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined) return refusal
  if (uses.length > 0) return noSuchUse
  const { mailstore, rights, signal } = context
  const wanted = newMailboxName(supplied)
  if (!mayUse(rights, wanted)) return notYours
  const { id } = await mailstore.createMailbox(wanted, undefined, signal)
  const text = 'CREATE completed'
  // "The server MUST return the MAILBOXID response code". RFC 8474 section 4.1.
  return id === undefined
    ? { status: 'OK', text }
    : { status: 'OK', code: `MAILBOXID (${mailboxObjectId(id)})`, text }
}

/** There is one label of Gmail's own for each use, and nothing takes one over. RFC 6154 section 3. */
const noSuchUse: Completion = {
  status: 'NO',
  code: 'USEATTR',
  text: 'Gmail has its own mailbox for each special use, and no other can be one',
}
