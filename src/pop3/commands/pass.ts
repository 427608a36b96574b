import { command } from '../command.ts'
import { privacyRequired, refusal } from '../refusals.ts'
import type { Anyone } from '../session-context.ts'
import { welcome } from '../welcome.ts'

export const pass = command<string, Anyone>({
  name: 'PASS',
  rfc: '1939 7',
  state: 'authorization',
  secret: true,
  parse: (given) => given.everything('A password'),
  async *run(context, password) {
    const { user } = context
    context.user = undefined
    if (!context.mayLogin) yield privacyRequired
    else if (user === undefined) yield refusal('USER comes before PASS')
    else yield* welcome(context, await context.verify({ kind: 'password', user, password }))
  },
})
