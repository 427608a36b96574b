import { z } from 'zod'
import { countMailbox, countMessages } from '../mailbox/counts.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import { refusalKinds } from '../oauth/oauth.ts'
import { accountOf } from './mail-verbs.ts'
import { serviceAccountShape, verb } from './verb.ts'

const account = z.string().optional().describe('address; absent: the first account')

const expireHistory = verb({
  name: 'expireHistory',
  does: 'Every historyId that a client can know is too old: history.list answers 404.',
  takes: z.strictObject({ account }),
  run(house, { account: address }) {
    const { mailbox } = accountOf(house, address)
    mailbox.skipHistory()
    mailbox.expireHistory()
    return { historyId: String(mailbox.historyId) }
  },
})

const revoke = verb({
  name: 'revoke',
  does: 'All grants of the account end, access tokens too.',
  takes: z.strictObject({ account }),
  run(house, { account: address }) {
    house.oauth.revokeAll(accountOf(house, address).address)
    return undefined
  },
})

const grant = verb({
  name: 'grant',
  does: 'A new grant that does not expire, without asking anybody. Answers {token, refreshToken}.',
  takes: z.strictObject({
    account,
    scopes: z.array(z.string()).min(1).default(['https://mail.google.com/']).describe('full URLs'),
  }),
  run(house, { account: address, scopes }) {
    const { accessToken, refreshToken } = house.oauth.issue(accountOf(house, address).address, scopes)
    return { token: accessToken, refreshToken }
  },
})

const refuseRefresh = verb({
  name: 'refuseRefresh',
  does: 'Every refresh, and every assertion of a service account, is refused in this way; null ends that.',
  takes: z.strictObject({ kind: z.enum(refusalKinds as [string, ...string[]]).nullable() }),
  run({ oauth }, { kind }) {
    oauth.refuse(kind ?? undefined)
    return undefined
  },
})

const addServiceAccount = verb({
  name: 'addServiceAccount',
  does: 'A service account with this key may speak for the accounts.',
  takes: serviceAccountShape,
  run(house, args) {
    house.addServiceAccount(args)
    return undefined
  },
})

const addAccount = verb({
  name: 'addAccount',
  does: 'A further mailbox, empty. Answers {account, token, refreshToken}.',
  takes: z.strictObject({ address: z.email(), name: z.string().default('') }),
  run(house, { address, name }) {
    house.addAccount(address, name)
    const { accessToken, refreshToken } = house.oauth.issue(address, ['https://mail.google.com/'])
    return { account: address, token: accessToken, refreshToken }
  },
})

const state = verb({
  name: 'state',
  does: 'Accounts with their labels and messages, newest message first.',
  takes: z.strictObject({
    account: z.string().optional().describe('absent: all of them'),
    messages: z.number().int().min(0).max(100_000).default(1000).describe('how many of each account'),
  }),
  run(house, { account: address, messages }) {
    const { accounts } = house.world
    const wanted = address === undefined ? accounts.all() : [accountOf(house, address)]
    return {
      now: house.world.clock.now(),
      accounts: wanted.map(({ address: owner, name, mailbox }) => ({
        address: owner,
        name,
        historyId: String(mailbox.historyId),
        ...countMailbox(mailbox),
        labels: mailbox.labels
          .all()
          .map(({ id, name: label, type, l }) => ({ id, name: label, type, ...countMessages(mailbox, l) })),
        messages: mailbox.db
          .all<MessageRow>('select * from message order by date desc, n desc limit ?', messages)
          .map((row) => ({
            id: row.id,
            threadId: row.thread,
            labelIds: mailbox.labelIdsOf(row.n),
            internalDate: row.date,
            size: row.size,
            messageId: row.message_id,
          })),
      })),
    }
  },
})

export const accountVerbs = [
  expireHistory,
  revoke,
  grant,
  refuseRefresh,
  addServiceAccount,
  addAccount,
  state,
]
