import { command, onlyEnd } from '../command.ts'
import type { Anyone } from '../session-context.ts'

/**
 * After the tagged answer both directions are compressed. Lawful in every state by RFC 4978 section 5; announced and done only
 * after login, so that nobody's octets are inflated who has not said who he is.
 */
export const compress = command<void, Anyone>({
  name: 'COMPRESS',
  rfc: '4978 3',
  state: 'authenticated',
  capability: 'COMPRESS=DEFLATE',
  // compress = "COMPRESS" SP algorithm
  parse(parser) {
    parser.space()
    if (parser.keyword('An algorithm') !== 'DEFLATE') parser.fail('Only DEFLATE is known')
    parser.end()
  },
  run(context) {
    if (context.compressed)
      return onlyEnd({ status: 'NO', code: 'COMPRESSIONACTIVE', text: 'Compression is active already' })
    context.afterwards('compress')
    return onlyEnd({ status: 'OK', text: 'Compression begins now' })
  },
})
