import { command } from '../command.ts'
import type { Anyone } from '../session-context.ts'
import { privacyRequired, welcome } from '../welcome.ts'

interface LoginArgs {
  readonly user: string
  readonly password: string
}

export const login = command<LoginArgs, Anyone>({
  name: 'LOGIN',
  rfc: '9051 6.2.3',
  state: 'not-authenticated',
  secret: true,
  // login = "LOGIN" SP userid SP password, both astrings
  parse(parser) {
    parser.space()
    const user = parser.astring('A user name').toString('utf8')
    parser.space()
    const password = parser.astring('A password').toString('utf8')
    parser.end()
    return { user, password }
  },
  async *run(context, { user, password }) {
    if (!context.mayLogin) return privacyRequired
    return yield* welcome(context, await context.verify({ kind: 'password', user, password }))
  },
})
