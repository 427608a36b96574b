import { command } from '../command.ts'
import type { Parser } from '../parser.ts'
import type { Anyone } from '../session-context.ts'

/** RFC 2971 section 3.3. */
const maxFields = 30
const shownLength = 60

/** Field names in lower case with their values, as the client says them. */
type Fields = ReadonlyMap<string, string>

/** Before and after login: imapflow says who it is before. RFC 2971. */
export const id = command<Fields, Anyone>({
  name: 'ID',
  rfc: '2971',
  state: 'any',
  // id = "ID" SP id-params-list
  parse(parser) {
    parser.space()
    const fields = readFields(parser)
    parser.end()
    return fields
  },
  async *run(context, fields) {
    const words = ['name', 'version', 'os'].map((field) => printable(fields.get(field) ?? ''))
    context.introduce(words.filter(Boolean).join(' '))
    yield '* ID ("name" "Postern")\r\n'
    return undefined
  },
})

// id-params-list = "(" *(string SP nstring) ")" / nil; some put commas between them.
function readFields(parser: Parser): Fields {
  const fields = new Map<string, string>()
  if (!parser.at('(')) {
    parser.expect('NIL')
    return fields
  }
  parser.list(() => {
    const name = parser.string('A field name').toString('latin1').toLowerCase()
    parser.skip(',')
    parser.space()
    const value = parser.nstring('A value')
    parser.skip(',')
    if (fields.size >= maxFields) parser.fail('ID takes at most 30 fields')
    fields.set(name, value?.toString('utf8') ?? '')
  })
  return fields
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, '').slice(0, shownLength)
}
