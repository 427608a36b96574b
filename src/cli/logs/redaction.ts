import { homedir } from 'node:os'

/** Fields of log lines whose values are a person's own, whatever they hold. */
const personalFields = /"(subject|body|text|snippet|query|mailbox|password|name)":"(?:[^"\\]|\\.)*"/g
const address = /[^\s"'<>(),;:=/\\[\]{}]+@[a-z\d](?:[a-z\d.-]*[a-z\d])?/giu
/** Google's access tokens, refresh tokens, client secrets, and JSON web tokens. */
const tokens = /\bya29\.[\w-]+|\b1\/\/[\w-]+|GOCSPX-[\w-]+|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g
const clientPassword = /\b[a-z]{4}[ -][a-z]{4}[ -][a-z]{4}[ -][a-z]{4}\b/g
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]+/gi
const urlQuery = /(https?:\/\/[^\s"?#]+)[?#][^\s"]*/g
/** Whatever else is long and looks like no word: a secret of a kind that nobody thought of. */
const long = /(?<![\w/+.-])(?=[\w+/=-]*\d)[\w+/=-]{32,}/g

/**
 * Takes out of a text what is nobody else's business: addresses (the same one gets the same number, so that the story can
 * be followed), tokens, passwords, subjects, bodies, queries of URLs, the person's home folder.
 */
export class Redaction {
  readonly #numbers = new Map<string, number>()

  apply(text: string): string {
    return text
      .replaceAll(personalFields, '"$1":"[left out]"')
      .replaceAll(bearer, '$1 [secret]')
      .replaceAll(tokens, '[secret]')
      .replaceAll(urlQuery, '$1?[left out]')
      .replaceAll(address, (one) => `address-${this.#numberOf(one.toLowerCase())}`)
      .replaceAll(clientPassword, '[secret]')
      .replaceAll(long, '[secret]')
      .replaceAll(homedir(), '~')
  }

  #numberOf(one: string): number {
    const number = this.#numbers.get(one) ?? this.#numbers.size + 1
    this.#numbers.set(one, number)
    return number
  }
}
