import { countMailbox } from '../mailbox/counts.ts'
import { method } from './method.ts'
import { scopes } from './scopes.ts'

const getProfile = method({
  name: 'getProfile',
  http: 'GET',
  path: 'profile',
  scopes: scopes.profile,
  units: 1,
  run: ({ account, mailbox }) => ({
    emailAddress: account.address,
    ...countMailbox(mailbox),
    historyId: String(mailbox.historyId),
  }),
})

const watch = method({
  name: 'watch',
  http: 'POST',
  path: 'watch',
  scopes: scopes.readMetadata,
  units: 100,
  run: ({ world, account, body }) => world.push.watch(account, body),
})

const stop = method({
  name: 'stop',
  http: 'POST',
  path: 'stop',
  scopes: scopes.readMetadata,
  units: 50,
  run: ({ world, account }) => world.push.stop(account),
})

export const profileMethods = [getProfile, watch, stop]
