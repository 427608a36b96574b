import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { capabilities, capabilityText } from '#imap/capabilities.ts'
import { registry as imapCommands } from '#imap/registry.ts'
import { registry as pop3Commands } from '#pop3/registry.ts'
import { transcripts } from '#test/transcript/library.ts'
import type { Transcript } from '#test/transcript/transcript.ts'
import { leftOut } from './left-out.ts'

const root = join(import.meta.dirname, '..', '..')
const played = transcripts()

/** docs/protocol-support.md, from the commands and capabilities as the servers have them. */
export function protocolSupport(): string {
  return [
    '# What Postern speaks',
    '',
    'Printed from the commands themselves by `npm run protocol-support`; `npm test` sees that it is up to date. Tests with',
    'a plain name are transcripts in `test/transcript/imap/`; files are in `src/imap/` and `src/pop3/`. `x-*` is a family of transcripts.',
    '',
    '## IMAP: capabilities',
    '',
    'Any of them can be hidden: with `POSTERN_HIDE_CAPABILITIES`, or for one client with `postern password add --hide`.',
    '',
    ...table(
      ['capability', 'defined by', 'announced', 'tests'],
      capabilities.map(([word, definedBy]) => [
        `\`${word}\``,
        named(definedBy),
        announced(word),
        capabilityTests(word, definedBy),
      ]),
    ),
    '',
    '## IMAP: commands',
    '',
    ...table(
      ['command', 'RFC and section', 'state', 'tests'],
      [...imapCommands.values()].map(({ name, rfc, state, uid }) => [
        uid === true ? `\`${name}\`, \`UID ${name}\`` : `\`${name}\``,
        rfc,
        state,
        commandTests(name),
      ]),
    ),
    '',
    '## IMAP: not announced, and why',
    '',
    ...table(
      ['extension', 'RFC', 'why not'],
      leftOut.map(({ name, rfc, reason }) => [`\`${name}\``, rfc, reason]),
    ),
    '',
    '## POP3: commands',
    '',
    ...table(
      ['command', 'RFC and section', 'state', 'tests'],
      [...pop3Commands.values()].map(({ name, rfc, state }) => [
        `\`${name}\``,
        rfc,
        state,
        filesNaming('src/pop3', name),
      ]),
    ),
    '',
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function named(definedBy: string): string {
  return /^\d/.test(definedBy) ? `RFC ${definedBy}` : definedBy
}

/** When a client is told of it. */
function announced(word: string): string {
  const says = (state: Partial<Parameters<typeof capabilityText>[0]>) =>
    capabilityText({
      authenticated: false,
      mayStartTls: false,
      mayLogin: true,
      appendLimitBytes: 1,
      compressed: false,
      hidden: new Set(),
      ...state,
    })
      .replace('APPENDLIMIT=1', 'APPENDLIMIT')
      .split(' ')
      .includes(word)
  const after = says({ authenticated: true })
  if (says({})) return after ? 'always' : 'before login'
  if (says({ mayStartTls: true })) return 'before TLS'
  if (says({ mayLogin: false })) return 'while no password may cross'
  return says({ authenticated: true, compressed: true }) ? 'after login' : 'after login, unless compressed'
}

function capabilityTests(word: string, definedBy: string): string {
  if (word === 'IMAP4rev1') return 'all'
  if (imapCommands.has(word)) return commandTests(word)
  if (word.startsWith('AUTH=')) return `\`${word.toLowerCase().replace('auth=', 'authenticate-')}*\``
  const about = played.filter(({ rfc }) => rfc.split(/[^\w-]+/).includes(definedBy)).map(({ name }) => name)
  if (about.length > 0 && definedBy !== '3501') return list(about)
  return filesNaming('src/imap', word)
}

/** A family of transcripts is named by what they have in common, so that one more does not change this document. */
function commandTests(command: string): string {
  const word = command.toLowerCase()
  if (played.some(({ name }) => name.startsWith(`${word}-`))) return `\`${word}-*\``
  const sending = played.filter((one) => sends(one, command)).map(({ name }) => name)
  return sending.length > 0 ? list(sending) : filesNaming('src/imap', command)
}

function sends({ steps }: Transcript, command: string): boolean {
  return steps.some(
    (step) =>
      step.kind === 'send' && step.texts.some((text) => text.split(' ').slice(1, 3).includes(command)),
  )
}

function filesNaming(folder: string, word: string): string {
  const files = globSync(`${folder}/**/*.test.ts`, { cwd: root }).sort()
  return list(
    files
      .filter((path) =>
        readFileSync(join(root, path), 'utf8')
          .split(/[^\w=+]+/)
          .includes(word),
      )
      .map((path) => basename(path)),
  )
}

/** The first few, and that there are more. */
function list(names: readonly string[]): string {
  const some = names.slice(0, 3).map((name) => `\`${name}\``)
  return names.length > 3 ? `${some.join(', ')} …` : some.join(', ')
}
