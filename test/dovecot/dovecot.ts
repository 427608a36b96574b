import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  chmodSync,
  chownSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { systemClock } from '#mail/surroundings.ts'
import { ownPair } from '#wire/own-pair.ts'
import { configuration } from './configuration.ts'

const run = promisify(execFile)
const binary = '/usr/sbin/dovecot'
const pop3Binary = '/usr/lib/dovecot/pop3'

export interface DovecotOptions {
  /** Its `*.eml` become INBOX in file-name order, those of a subfolder the mailbox of that name. */
  readonly mail: string
  readonly format?: 'maildir' | 'mdbox'
  /** Also IMAP with TLS, by a certificate of an authority of our own. */
  readonly tls?: boolean
  /** Processes serve one client after another, as an operator sets it who wants speed; else each serves one. */
  readonly reused?: boolean
}

/** A Dovecot of our own on loopback. */
export interface Dovecot {
  readonly imap: { readonly host: string; readonly port: number }
  /** Undefined unless it was asked for. */
  readonly imaps: { readonly host: string; readonly port: number } | undefined
  /** Undefined where dovecot-pop3d is not installed. */
  readonly pop3: { readonly host: string; readonly port: number } | undefined
  /** Who has the mail. Anybody else has an empty mailbox, with the same password. */
  readonly user: string
  readonly password: string
  /** Of the master process. */
  readonly pid: number
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** Whether `startDovecot` can work here: Dovecot 2.4 is configured in other words. */
export function hasDovecot(): boolean {
  return exists(binary) && execFileSync(binary, ['--version'], { encoding: 'utf8' }).startsWith('2.3.')
}

/**
 * Starts Dovecot with a copy of the mail, as root or as anybody. Throws when it is not installed or does not come up
 * within 20 seconds.
 */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const { mail, format = 'maildir', tls = false, reused = false } = options
  // Not in TMPDIR: the path of a Unix socket has at most 107 octets.
  const folder = mkdtempSync('/tmp/dovecot-')
  chmodSync(folder, 0o755)
  const me = userInfo()
  // Dovecot serves no mail as root.
  const owner = me.uid === 0 ? { uid: 8, gid: 8 } : { uid: me.uid, gid: me.gid }
  const home = join(folder, 'home')
  const user = 'ada'
  const maildir = join(home, user, 'Maildir')
  fillMaildir(mail, maildir)
  own(home, owner)
  const hasPop3 = exists(pop3Binary)
  const [imapPort = 0, pop3Port = 0, imapsPort = 0] = await freePorts(3)
  const config = join(folder, 'dovecot.conf')
  const pair = tls ? await ownPair(join(folder, 'tls'), { clock: systemClock }) : undefined
  writeFileSync(
    config,
    configuration({
      folder,
      home,
      owner,
      startedBy: me.uid === 0 ? undefined : me.username,
      format,
      imapPort,
      pop3Port: hasPop3 ? pop3Port : undefined,
      tls: pair === undefined ? undefined : { ...pair, port: imapsPort },
      reused,
    }),
  )
  mkdirSync(join(folder, 'state'))
  const child = spawn(binary, ['-F', '-c', config], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const host = '127.0.0.1'
    await greeted(host, imapPort, () => child.exitCode !== null)
    if (format === 'mdbox')
      await run('doveadm', ['-c', config, 'import', '-u', user, `maildir:${maildir}`, '', 'all'])
    return {
      imap: { host, port: imapPort },
      imaps: tls ? { host, port: imapsPort } : undefined,
      pop3: hasPop3 ? { host, port: pop3Port } : undefined,
      user,
      password: 'secret',
      pid: child.pid as number,
      stop,
    }
  } catch (cause) {
    const log = exists(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').slice(-2000) : ''
    await stop()
    throw new Error(`Dovecot did not start:\n${log}`, { cause })
  }
}

/** A Maildir with its list of UIDs, so that UIDs follow file names, and with the times of the files. */
function fillMaildir(mail: string, maildir: string): void {
  const folders = new Map<string, string[]>([['.', []]])
  for (const path of globSync('**/*.eml', { cwd: mail }).sort()) {
    const folder = dirname(path).split(sep).join('.')
    const paths = folders.get(folder)
    if (paths === undefined) folders.set(folder, [path])
    else paths.push(path)
  }
  for (const [folder, paths] of folders) {
    const target = folder === '.' ? maildir : join(maildir, `.${folder}`)
    for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(target, name), { recursive: true })
    const list = [`3 V1 N${paths.length + 1}`]
    for (const [index, path] of paths.entries()) {
      const bytes = readFileSync(join(mail, path))
      const name = `${1_700_000_000 + index}.M${index}P1.postern,S=${bytes.length}`
      const file = join(target, 'cur', `${name}:2,`)
      writeFileSync(file, bytes)
      // INTERNALDATE is the file's time.
      const { mtime } = statSync(join(mail, path))
      utimesSync(file, mtime, mtime)
      list.push(`${index + 1} :${name}`)
    }
    writeFileSync(join(target, 'dovecot-uidlist'), `${list.join('\n')}\n`)
  }
}

function own(folder: string, { uid, gid }: { uid: number; gid: number }): void {
  chownSync(folder, uid, gid)
  for (const path of globSync('**/*', { cwd: folder })) chownSync(join(folder, path), uid, gid)
}

function exists(path: string): boolean {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
}

/** Ports that were free a moment ago; all are held until the last is known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Waits for a greeting. */
async function greeted(host: string, port: number, given: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (given()) throw new Error('the process ended')
    const socket = connect({ host, port })
    try {
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      if (chunk.toString('latin1').startsWith('* OK')) return
    } catch {
      await sleep(100)
    } finally {
      socket.destroy()
    }
  }
  throw new Error('no greeting within 20 seconds')
}
