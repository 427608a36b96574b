import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Random numbers that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const words =
  'report meeting invoice garden budget harbour ticket paper winter travel answer number letter window market summer project station river contract delivery question table evening morning server network mailbox release notes weather coffee'.split(
    ' ',
  )
const names =
  'Ada Lovelace,Grace Hopper,Alan Turing,Édith Clarke,Karen Jones,Radia Perlman,Jürgen Groß,Donald Knuth'.split(
    ',',
  )

/** What one message in fifty says, as what people look for is said by few. */
export const rareWord = 'quarterly'
const rareEvery = 50

export interface CorpusOptions {
  readonly count: number
  readonly seed?: number
  /** Median of the sizes in octets; 22 KB as in facts/performance.md section D. */
  readonly medianBytes?: number
  /** Share of messages with an attachment of up to 1 MB; a tenth. */
  readonly attachedShare?: number
  /** Folders that the messages are spread over; directly in `dir` when empty. */
  readonly folders?: readonly string[]
}

/**
 * Writes `count` messages as `.eml` files with CRLF and the time of their Date; returns their octets. The same options make
 * the same files.
 */
export function writeCorpus(dir: string, options: CorpusOptions): { bytes: number } {
  const { count, seed = 1, folders = [''] } = options
  const random = randomFrom(seed)
  for (const folder of folders) mkdirSync(join(dir, folder), { recursive: true })
  let bytes = 0
  for (let number = 0; number < count; number++) {
    const folder = folders[number % folders.length] ?? ''
    const message = corpusMessage(number, random, options)
    bytes += message.length
    const file = join(dir, folder, `${String(number).padStart(7, '0')}.eml`)
    writeFileSync(file, message, 'latin1')
    utimesSync(file, dateOf(number), dateOf(number))
  }
  return { bytes }
}

/** One message, one character per octet. */
function corpusMessage(
  number: number,
  random: () => number,
  { medianBytes = 22_000, attachedShare = 0.1 }: Pick<CorpusOptions, 'medianBytes' | 'attachedShare'> = {},
): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const from = pick(names)
  const subject = `${pick(words)} ${pick(words)} ${pick(words)} ${number}`
  const date = dateOf(number).toUTCString().replace('GMT', '+0000')
  const spread = Math.exp((random() + random() + random() - 1.5) * 1.6)
  const size = Math.max(400, Math.round(medianBytes * spread))
  const text =
    lines(size * 0.45, random) + (number % rareEvery === 11 ? `About the ${rareWord} figures.\r\n` : '')
  const html = `<html><body><p>${lines(size * 0.4, random).replaceAll('\r\n', '<br>\r\n')}</p></body></html>`
  const head = [
    `From: ${encodeName(from)} <${address(from)}>`,
    `To: Reader <demo@gmail.test>`,
    `Cc: ${encodeName(pick(names))} <team@example.com>`,
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: <corpus.${number}.${Math.floor(random() * 1e9)}@example.com>`,
    ...(number % 3 === 0 ? [] : [`In-Reply-To: <corpus.${number - 1}@example.com>`]),
    ...(random() < 0.2 ? [`List-Id: <${pick(words)}.lists.example.com>`] : []),
    'MIME-Version: 1.0',
  ]
  const alternative = [
    'Content-Type: multipart/alternative; boundary="alt"',
    '',
    '--alt',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '--alt',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    html,
    '--alt--',
    '',
  ]
  if (random() >= attachedShare) return [...head, ...alternative].join('\r\n')
  const octets = Math.floor(50_000 + random() * 650_000)
  return [
    ...head,
    'Content-Type: multipart/mixed; boundary="mix"',
    '',
    '--mix',
    ...alternative,
    '--mix',
    'Content-Type: application/pdf; name="paper.pdf"',
    'Content-Disposition: attachment; filename="paper.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(octets, random),
    '--mix--',
    '',
  ].join('\r\n')
}

/** One message an hour. */
function dateOf(number: number): Date {
  return new Date(Date.UTC(2024, 0, 1) + number * 3_600_000)
}

function lines(size: number, random: () => number): string {
  let text = ''
  while (text.length < size) {
    let line = ''
    while (line.length < 66) line += `${words[Math.floor(random() * words.length)] ?? ''} `
    text += `${line}\r\n`
  }
  return text
}

function base64Lines(octets: number, random: () => number): string {
  // One random block again and again: nobody looks inside, and making a megabyte of noise is slow.
  const block = Buffer.from(Array.from({ length: 5700 }, () => Math.floor(random() * 256))).toString('base64')
  const rows = block.match(/.{1,76}/g) ?? []
  const wanted = Math.ceil(octets / 57)
  let text = ''
  for (let row = 0; row < wanted; row++) text += `${rows[row % rows.length] ?? ''}\r\n`
  return text
}

function encodeName(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name : `=?utf-8?b?${Buffer.from(name).toString('base64')}?=`
}

function address(name: string): string {
  return `${name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]+/g, '.')
    .toLowerCase()}@example.com`
}
