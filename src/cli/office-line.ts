import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify from 'fastify'
import { z } from 'zod'
import type { Log } from '#mail/surroundings.ts'
import { Complaint } from './complaint.ts'
import type { Office } from './office.ts'

const fileName = 'admin.json'
const answerWithinMs = 200_000
/** `sendmail` hands a whole message over, as base64. */
const bodyLimitBytes = 64 * 1024 * 1024
const words = z.array(z.unknown()).max(10)
const lineShape = z.object({ pid: z.number(), url: z.url(), token: z.string() })

/**
 * Opens the office to this machine's command line: a port on 127.0.0.1, its address and a token in a file that only the
 * owner can read. docs/decisions/0004-admin-line.md.
 */
export async function openOfficeLine(
  office: Office,
  { dataDir, log }: { dataDir: string; log: Log },
): Promise<{ close(): Promise<void> }> {
  const token = randomBytes(32).toString('base64url')
  const verbs = new Map(Object.entries(office) as [string, (...words: never[]) => Promise<unknown>][])
  const app = Fastify({ forceCloseConnections: true, bodyLimit: bodyLimitBytes })
  // Before a body is read: nobody else fills the memory.
  app.addHook('onRequest', async (request, reply) => {
    const offered = request.headers.authorization ?? ''
    if (!same(offered, `Bearer ${token}`)) await reply.code(401).send({ complaint: 'Wrong token' })
  })
  app.post('/:verb', async (request, reply) => {
    const verb = verbs.get((request.params as { verb: string }).verb)
    if (verb === undefined) return reply.code(404).send({ complaint: 'This Postern is of another version' })
    try {
      const value = await verb(...(words.parse(request.body) as never[]))
      return await reply.send({ value: value ?? null })
    } catch (error) {
      if (error instanceof Complaint) return reply.code(422).send({ complaint: error.message })
      log.error({ err: error }, 'a command failed')
      return reply.code(500).send({ complaint: 'The running Postern failed at this; its log says why' })
    }
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const path = join(dataDir, fileName)
  await rm(path, { force: true })
  await writeFile(path, JSON.stringify({ pid: process.pid, url, token }), { mode: 0o600 })
  return {
    async close() {
      await rm(path, { force: true }).catch((err: unknown) => {
        // One that stays leads to nobody.
        log.warn({ err }, 'the file of the command line could not be removed')
      })
      await app.close()
    },
  }
}

/** The office of the Postern that runs on this data folder; undefined when none does. */
export async function runningOffice(dataDir: string): Promise<Office | undefined> {
  const line = lineShape.safeParse(await readJson(join(dataDir, fileName)))
  if (!line.success) return undefined
  const { url, token } = line.data
  const call = async (verb: string, args: readonly unknown[]): Promise<unknown> => {
    const answer = await fetch(`${url}/${verb}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const body = (await answer.json()) as { value?: unknown; complaint?: string }
    if (body.complaint !== undefined) throw new Complaint(body.complaint)
    return body.value
  }
  try {
    await call('reports', [])
  } catch (error) {
    // Nobody listens there, or somebody else: a Postern that was killed left its file behind.
    if (!(error instanceof Complaint)) return undefined
    throw error
  }
  const verb =
    (name: keyof Office) =>
    (...args: unknown[]) =>
      call(name, args)
  return {
    reports: verb('reports'),
    checkGrant: verb('checkGrant'),
    removeAccount: verb('removeAccount'),
    beginConsent: verb('beginConsent'),
    finishConsent: verb('finishConsent'),
    makePassword: verb('makePassword'),
    listPasswords: verb('listPasswords'),
    revokePassword: verb('revokePassword'),
    sendmail: verb('sendmail'),
    metrics: verb('metrics'),
    whereabouts: verb('whereabouts'),
    recentLog: verb('recentLog'),
  } as Office
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

function same(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
