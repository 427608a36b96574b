import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { AccountBook, type Account } from './accounts.ts'
import { registerControl } from './control/control-routes.ts'
import { PostOffice } from './delivery/post-office.ts'
import { ConnectionDropped, Faults } from './faults.ts'
import { registerBatch } from './http/batch.ts'
import { packAnswers, registerGmail, sendNotFound } from './http/gmail-routes.ts'
import { registerUploads } from './http/uploads.ts'
import type { MailboxEvent } from './mailbox/mailbox.ts'
import { registerOAuth, type OAuth, type ServiceAccount } from './oauth/oauth.ts'
import { createPageSource } from './page-source.ts'
import { registerMailboxPage } from './pages/mailbox-page.ts'
import { admit, createBatchDispatch, createDispatch } from './pipeline.ts'
import { PubSub } from './pubsub/pubsub.ts'
import { registerPubSub } from './pubsub/pubsub-routes.ts'
import { Push } from './pubsub/push.ts'
import { noQuirks } from './quirks.ts'
import { Quota } from './quota.ts'
import { sampleMailbox } from './samples/sample-mailbox.ts'
import { seedFromFolder, seedFromSamples } from './seeding.ts'
import { StateFile, type SimulatorState } from './state-file.ts'
import { SeededRandom, SimulatorClock } from './surroundings.ts'
import type { World } from './world.ts'

export interface SimulatorOptions {
  /** 127.0.0.1 */
  host?: string
  /** 0: any free one. */
  port?: number
  /** A folder of `.eml` files; without it the sample mailbox. */
  mail?: string
  /** Units per minute and user, 6000; 0 for no limit. */
  quotaPerMinute?: number
  latencyMs?: number
  /**
   * Where everything is kept; without it in memory. What is there already goes before `mail`, `seed`, `account` and
   * `peer`: those are for the first start.
   */
  dataDir?: string
  /** The same seed makes the same ids and tokens. Without it no two runs are alike. */
  seed?: string
  /** demo@gmail.test */
  account?: string
  /** peer@gmail.test */
  peer?: string
  /** The clock begins standing still at this moment, epoch milliseconds: with a seed every id is the same again. */
  now?: number
  /** How many of the `.eml` files have been read. */
  onProgress?: (done: number, total: number) => void
}

export interface Simulator {
  /** Without a slash at the end. */
  url: string
  /** The account's access token, for https://mail.google.com/. It does not expire. */
  token: string
  refreshToken: string
  /** URL of the control endpoint. */
  control: string
  clientId: string
  clientSecret: string
  account: string
  peer: { user: string; token: string }
  close(): Promise<void>
}

const everything = ['https://mail.google.com/']

/** A Gmail of our own, with everything that Google spreads over several hosts under one base URL. design.md section 9. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const file = options.dataDir === undefined ? undefined : new StateFile(options.dataDir)
  const before = file?.read()
  const identity = identify(options, before)
  const seed = `${identity.seed} ${identity.runs}`
  const listeners = new Set<(event: MailboxEvent) => void>()
  const clock = new SimulatorClock()
  if (options.now !== undefined) clock.fix(options.now)
  const accounts = new AccountBook({
    clock,
    seed,
    pathOf: (address) => file?.mailboxPath(address) ?? ':memory:',
    changed(event) {
      for (const listener of listeners) listener(event)
    },
  })
  try {
    return await open()
  } catch (error) {
    accounts.close()
    throw error
  }

  async function open(): Promise<Simulator> {
    for (const { address, name } of identity.accounts) accounts.add(address, name)
    const [demo, peer] = accounts.all()
    if (!demo || !peer) throw new TypeError('The simulator needs two different accounts')
    await seedMail(demo, options, clock)

    const pubsub = new PubSub(() => clock.now(), new SeededRandom(seed, 'pubsub'))
    const quirks = noQuirks()
    const push = new Push({ clock, accounts, quirks, pubsub })
    listeners.add((event) => push.notice(event))
    const world: World = {
      clock,
      accounts,
      quirks,
      quota: new Quota(options.quotaPerMinute ?? 6000),
      faults: new Faults(),
      post: new PostOffice(accounts, clock),
      push,
      latencyMs: options.latencyMs ?? 0,
    }
    const { peerToken, ...server } = await serve(world, pubsub)
    return { ...server, account: demo.address, peer: { user: peer.address, token: peerToken } }
  }

  async function serve(world: World, pubsub: PubSub) {
    const app = Fastify({
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      routerOptions: { maxParamLength: 1000 },
    })
    answerUnknown(app)
    packAnswers(app)
    let url = ''
    const serviceAccounts: ServiceAccount[] = [...(before?.serviceAccounts ?? [])]
    const random = new SeededRandom(seed, 'oauth')
    const bytes = (size: number) => Buffer.from(random.bytes(size))
    const oauth = registerOAuth(app, {
      hasAccount: (address) => accounts.find(address) !== undefined,
      accounts: () => accounts.all().map(({ address }) => address),
      now: () => clock.now(),
      randomBytes: bytes,
      clientId: identity.clientId,
      clientSecret: identity.clientSecret,
      baseUrl: () => url,
      nameOf: (address) => accounts.find(address)?.name ?? address,
    })
    if (before) oauth.restore(before.oauth)
    for (const account of serviceAccounts) oauth.addServiceAccount(account)
    const tokens = before ?? issueTokens(oauth, accounts)
    const save = () =>
      file?.write({
        ...identity,
        token: tokens.token,
        refreshToken: tokens.refreshToken,
        peerToken: tokens.peerToken,
        accounts: accounts.all().map(({ address, name }) => ({ address, name })),
        serviceAccounts,
        oauth: oauth.state(),
      })
    save()
    saveAfterChanges(app, save)

    const dispatch = createDispatch(world, oauth)
    registerGmail(app, dispatch)
    const uploadRandom = new SeededRandom(seed, 'uploads')
    registerUploads(app, dispatch, {
      now: () => clock.now(),
      randomBytes: (size) => Buffer.from(uploadRandom.bytes(size)),
      admit: (call) => void admit(call, world, oauth),
    })
    registerBatch(app, createBatchDispatch(world, dispatch))
    registerPubSub(app, { pubsub, grants: oauth, faults: world.faults, now: () => clock.now() })
    registerControl(app, {
      world,
      oauth,
      addAccount: (address, name) => accounts.add(address, name === '' ? nameFrom(address) : name),
      addServiceAccount(account) {
        const known = readServiceAccount(account)
        oauth.addServiceAccount(known)
        serviceAccounts.push(known)
      },
    })
    registerMailboxPage(
      app,
      createPageSource({
        accounts,
        clock,
        quota: world.quota,
        onChange(listener) {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      }),
    )
    url = (await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })).replace(
      /\/$/,
      '',
    )
    return {
      url,
      token: tokens.token,
      refreshToken: tokens.refreshToken,
      peerToken: tokens.peerToken,
      control: `${url}/control`,
      clientId: identity.clientId,
      clientSecret: identity.clientSecret,
      async close() {
        await app.close()
        save()
        accounts.close()
      },
    }
  }
}

type Identity = Pick<SimulatorState, 'seed' | 'runs' | 'clientId' | 'clientSecret' | 'accounts'>

/** Who the simulator is: as it was when it goes on, else by its options. */
function identify(options: SimulatorOptions, before: SimulatorState | undefined): Identity {
  if (before) {
    const { seed, runs, clientId, clientSecret, accounts } = before
    return { seed, runs: runs + 1, clientId, clientSecret, accounts }
  }
  const seed = options.seed ?? randomUUID()
  const random = new SeededRandom(seed, 'client')
  const address = options.account ?? 'demo@gmail.test'
  const peer = options.peer ?? 'peer@gmail.test'
  return {
    seed,
    runs: 1,
    clientId: `424242424242-${random.bytes(16).toString('hex')}.apps.googleusercontent.com`,
    clientSecret: `GOCSPX-${random.bytes(21).toString('base64url')}`,
    accounts: [
      { address, name: 'Robin Demo' },
      { address: peer, name: nameFrom(peer) },
    ],
  }
}

/** `Peer` for peer@gmail.test. */
function nameFrom(address: string): string {
  const local = address.slice(0, Math.max(0, address.lastIndexOf('@')))
  return local.slice(0, 1).toUpperCase() + local.slice(1)
}

async function seedMail(account: Account, options: SimulatorOptions, clock: SimulatorClock): Promise<void> {
  if (options.mail === undefined) seedFromSamples(account, sampleMailbox(clock.now(), account.address))
  else await seedFromFolder(account, options.mail, clock.now(), options.onProgress)
}

function issueTokens(oauth: OAuth, accounts: AccountBook) {
  const [demo, peer] = accounts.all()
  const own = oauth.issue(demo?.address ?? '', everything)
  const other = oauth.issue(peer?.address ?? '', everything)
  return { token: own.accessToken, refreshToken: own.refreshToken, peerToken: other.accessToken }
}

/** Grants change by these addresses only. */
const grantPaths = ['/token', '/revoke', '/o/oauth2', '/control']

function saveAfterChanges(app: FastifyInstance, save: () => void): void {
  app.addHook('onSend', async (request, _reply, payload) => {
    if (grantPaths.some((path) => request.url.startsWith(path))) save()
    return payload
  })
}

function answerUnknown(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => sendNotFound(request, reply))
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ConnectionDropped) {
      reply.hijack()
      request.raw.socket.destroy()
      return
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500
    request.log.error(error)
    return reply.code(status).send({
      error: {
        code: status,
        message: status < 500 ? (error as Error).message : 'Internal error',
        status: 'INTERNAL',
      },
    })
  })
}

function readServiceAccount(given: {
  email: string
  publicKey: string
  clientId?: string | undefined
  scopes?: string[] | undefined
  delegated?: boolean | undefined
}): ServiceAccount {
  return {
    email: given.email,
    publicKey: given.publicKey,
    ...(given.clientId === undefined ? {} : { clientId: given.clientId }),
    ...(given.scopes === undefined ? {} : { scopes: given.scopes }),
    ...(given.delegated === undefined ? {} : { delegated: given.delegated }),
  }
}
