import { command } from '../command.ts'
import { refusal } from '../refusals.ts'

/** Our texts are in English; `i-default` and `*` are what a client asks for that does not mind. */
const spoken = new Set(['en', 'i-default', '*'])

export const lang = command<string | undefined, unknown>({
  name: 'LANG',
  rfc: '6856 3',
  state: 'any',
  parse(given) {
    const tag = given.given ? given.word('A language') : undefined
    given.end()
    return tag
  },
  async *run(_context, tag) {
    if (tag === undefined) yield '+OK Languages follow\r\ni-default International\r\nen English\r\n.\r\n'
    else if (spoken.has(tag.toLowerCase())) yield '+OK en English it is\r\n'
    else yield refusal('This language is not spoken here')
  },
})
