/** What `sendmail` was called with. */
export interface SendmailCall {
  readonly recipients: readonly string[]
  /** -t: To, Cc and Bcc are recipients too. */
  readonly fromHeader: boolean
  /** -f, -r */
  readonly from: string | undefined
  /** -F: the name in From where the message has none. */
  readonly fullName: string | undefined
  /** Without -i a line with nothing but a dot ends the message. */
  readonly dotEnds: boolean
}

/** The arguments make no sense. */
export class SendmailUsage extends Error {
  override readonly name = 'SendmailUsage'
}

const withValue = new Set([
  'B',
  'C',
  'D',
  'd',
  'F',
  'f',
  'h',
  'L',
  'N',
  'O',
  'o',
  'p',
  'q',
  'R',
  'r',
  'V',
  'X',
])
/** As sendmail writes them, the value may be left out or must be joined. */
const joinedOnly = new Set(['d', 'o', 'q'])

/**
 * The arguments as Sendmail and Postfix know them; what only steers their own queues is passed over. Throws SendmailUsage.
 */
export function parseSendmailArguments(argv: readonly string[]): SendmailCall {
  const recipients: string[] = []
  let fromHeader = false
  let dotEnds = true
  let from: string | undefined
  let fullName: string | undefined
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] as string
    if (argument === '--') {
      recipients.push(...argv.slice(at + 1))
      break
    }
    if (!argument.startsWith('-') || argument === '-') {
      recipients.push(argument)
      continue
    }
    // Flags may be joined: -ti.
    for (let n = 1; n < argument.length; n++) {
      const flag = argument[n] as string
      if (flag === 't') fromHeader = true
      else if (flag === 'i') dotEnds = false
      else if (flag === 'b') {
        const mode = argument.slice(n + 1)
        if (mode !== 'm') throw new SendmailUsage(`Cannot do -b${mode}: only sending (-bm) is done here`)
        break
      } else if (withValue.has(flag)) {
        let value = argument.slice(n + 1)
        if (value === '' && !joinedOnly.has(flag)) {
          const next = argv[++at]
          if (next === undefined) throw new SendmailUsage(`-${flag} needs a value`)
          value = next
        }
        if (flag === 'f' || flag === 'r') from = value.replaceAll(/^<|>$/g, '')
        if (flag === 'F') fullName = value
        if (flag === 'o' && value === 'i') dotEnds = false
        break
      } else if (!/[AeGmnUv]/.test(flag)) throw new SendmailUsage(`Cannot understand -${flag}`)
      else if (flag === 'A' || flag === 'e') break
    }
  }
  return {
    recipients: recipients.flatMap((one) => one.split(/[\s,]+/).filter((part) => part !== '')),
    fromHeader,
    from,
    fullName,
    dotEnds,
  }
}
