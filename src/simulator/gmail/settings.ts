import { notFound } from '../errors.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import { sendAsAddresses } from '../delivery/send-as.ts'
import { flagIn, textIn, type Body } from './body.ts'
import { method, type MethodCall } from './method.ts'
import { invalidValue } from './parameters.ts'
import { scopes } from './scopes.ts'

/** Fact sheet section 2.12. A new account has IMAP on and its expunge waits for nobody. */
const defaultImap = { enabled: true, autoExpunge: true, expungeBehavior: 'archive', maxFolderSize: 0 }
const defaultPop = { accessWindow: 'disabled', disposition: 'leaveInInbox' }

const expungeBehaviors = ['archive', 'trash', 'deleteForever']
const folderSizes = [0, 1000, 2000, 5000, 10_000]
const accessWindows = ['disabled', 'fromNowOn', 'allMail']
const dispositions = ['leaveInInbox', 'archive', 'trash', 'markRead']

const getImap = method({
  name: 'settings.getImap',
  http: 'GET',
  path: 'settings/imap',
  scopes: scopes.readSettings,
  units: 1,
  run: ({ mailbox }) => saved(mailbox, 'imap', defaultImap),
})

const updateImap = method({
  name: 'settings.updateImap',
  http: 'PUT',
  path: 'settings/imap',
  scopes: scopes.writeSettings,
  units: 5,
  run({ mailbox, body }) {
    const size = body['maxFolderSize'] ?? 0
    if (typeof size !== 'number' || !folderSizes.includes(size))
      throw invalidValue('imap_settings.max_folder_size', 'TYPE_INT32', JSON.stringify(size))
    return save(mailbox, 'imap', {
      enabled: flagIn(body, 'enabled') ?? false,
      autoExpunge: flagIn(body, 'autoExpunge') ?? false,
      expungeBehavior: oneOf(body, 'expungeBehavior', expungeBehaviors) ?? defaultImap.expungeBehavior,
      maxFolderSize: size,
    })
  },
})

const getPop = method({
  name: 'settings.getPop',
  http: 'GET',
  path: 'settings/pop',
  scopes: scopes.readSettings,
  units: 1,
  run: ({ mailbox }) => saved(mailbox, 'pop', defaultPop),
})

const updatePop = method({
  name: 'settings.updatePop',
  http: 'PUT',
  path: 'settings/pop',
  scopes: scopes.writeSettings,
  units: 100,
  run: ({ mailbox, body }) =>
    save(mailbox, 'pop', {
      accessWindow: oneOf(body, 'accessWindow', accessWindows) ?? defaultPop.accessWindow,
      disposition: oneOf(body, 'disposition', dispositions) ?? defaultPop.disposition,
    }),
})

const listSendAs = method({
  name: 'settings.sendAs.list',
  http: 'GET',
  path: 'settings/sendAs',
  scopes: scopes.readSettings,
  units: 1,
  run: (call) => ({ sendAs: describeSendAs(call) }),
})

const getSendAs = method({
  name: 'settings.sendAs.get',
  http: 'GET',
  path: 'settings/sendAs/{sendAsEmail}',
  scopes: scopes.readSettings,
  units: 1,
  run(call) {
    const wanted = call.place('sendAsEmail').toLowerCase()
    const found = describeSendAs(call).find(({ sendAsEmail }) => sendAsEmail.toLowerCase() === wanted)
    if (!found) throw notFound()
    return found
  },
})

function describeSendAs({ account }: MethodCall) {
  return sendAsAddresses(account).map(({ address, name, primary, verified }) => ({
    sendAsEmail: address,
    displayName: name,
    replyToAddress: '',
    signature: '',
    ...(primary ? { isPrimary: true, isDefault: true } : {}),
    ...(primary ? {} : { treatAsAlias: true, verificationStatus: verified ? 'accepted' : 'pending' }),
  }))
}

function oneOf(body: Body, name: string, values: readonly string[]): string | undefined {
  const value = textIn(body, name)
  if (value !== undefined && !values.includes(value)) throw invalidValue(name, 'ENUM', value)
  return value
}

function saved(mailbox: Mailbox, name: string, fallback: object): object {
  const text = mailbox.db.setting(name)
  return text === undefined ? fallback : (JSON.parse(text) as object)
}

function save(mailbox: Mailbox, name: string, value: object): object {
  mailbox.db.saveSetting(name, JSON.stringify(value))
  return value
}

export const settingsMethods = [getImap, updateImap, getPop, updatePop, listSendAs, getSendAs]
