import { invalidArgument } from '../errors.ts'

const tooBig = 2n ** 63n

/** Checks a message's or thread's id and spells it as it is stored. Throws GmailError 400. Fact sheet section 3. */
export function readId(text: string): string {
  if (!/^[0-9a-f]{1,16}$/i.test(text) || BigInt(`0x${text}`) >= tooBig)
    throw invalidArgument('Invalid id value')
  return text.toLowerCase().replace(/^0+(?=.)/, '')
}
