import { invalidArgument } from '../errors.ts'
import { knownFields } from './fields-known.ts'

/** A longer selector is refused. */
const lengthLimit = 4096
/** Parentheses and slashes deep. Gmail's deepest resource, a payload of parts within parts, needs a few. */
const depthLimit = 50

/** What is wanted below one name. `whole` wants everything there, whatever the children say. */
interface Selection {
  whole: boolean
  readonly children: Map<string, Selection>
}

/**
 * Google's partial responses: `a,b/c,d(e,f/g),*`. Arrays are passed through to their elements, `*` is every name at its
 * level, a name that is not there selects nothing. The cost is the value's size times the number of ways in which the
 * selector reaches a place, one as a rule, two beside a `*`. Fact sheet section 6.
 * @throws {GmailError} 400 for a selector that is malformed, too long or too deep.
 */
export function selectFields(value: unknown, selector: string): unknown {
  return pick(value, [new Selector(selector).read()])
}

/**
 * Whether a selector can be meant for Gmail: it is well-formed, and every name in it is a field of some resource. Which
 * of them this method has is not looked at. Asked before anything is done.
 * @throws {GmailError} 400 that tells the selector, or the name that nothing has.
 */
export function checkFields(selector: string): void {
  const waiting = [new Selector(selector).read()]
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    for (const [name, inner] of place.children) {
      if (name !== '*' && !knownFields.has(name)) throw invalidArgument(`Invalid field selection ${name}`)
      waiting.push(inner)
    }
  }
}

function pick(value: unknown, wanted: readonly Selection[]): unknown {
  if (wanted.some(({ whole }) => whole)) return value
  if (Array.isArray(value)) {
    return value.map((element) => pick(element, wanted)).filter((element) => element !== undefined)
  }
  if (value === null || typeof value !== 'object') return undefined
  const chosen: [string, unknown][] = []
  for (const [name, inner] of Object.entries(value)) {
    const here = wanted.flatMap(({ children }) => [...at(children, name), ...at(children, '*')])
    const picked = here.length === 0 ? undefined : pick(inner, here)
    if (picked !== undefined) chosen.push([name, picked])
  }
  return Object.fromEntries(chosen)
}

function at(children: ReadonlyMap<string, Selection>, name: string): Selection[] {
  const found = children.get(name)
  return found === undefined ? [] : [found]
}

/** list = item *("," item); item = name *("/" name) ["(" list ")"]. Reads each character once. */
class Selector {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Selection {
    if (this.#text.length > lengthLimit) this.#fail()
    const root: Selection = { whole: false, children: new Map() }
    this.#list(root, 0)
    if (this.#at < this.#text.length) this.#fail()
    return root
  }

  #list(into: Selection, depth: number): void {
    do this.#item(into, depth)
    while (this.#take(','))
  }

  #item(into: Selection, depth: number): void {
    let place = into
    let below = depth
    do {
      place = this.#child(place)
      below += 1
      if (below > depthLimit) this.#fail()
    } while (this.#take('/'))
    if (!this.#take('(')) {
      place.whole = true
      return
    }
    this.#list(place, below)
    if (!this.#take(')')) this.#fail()
  }

  #child(place: Selection): Selection {
    const name = this.#name()
    let child = place.children.get(name)
    if (child === undefined) place.children.set(name, (child = { whole: false, children: new Map() }))
    return child
  }

  #name(): string {
    if (this.#take('*')) return '*'
    const start = this.#at
    while (this.#at < this.#text.length && isNameCharacter(this.#text.charCodeAt(this.#at))) this.#at += 1
    if (this.#at === start) this.#fail()
    return this.#text.slice(start, this.#at)
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #fail(): never {
    throw invalidArgument(`Invalid field selection ${this.#text.slice(0, 200)}`)
  }
}

/** Letters, digits and `_ - . @ $`. */
function isNameCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 64 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46 ||
    code === 36
  )
}
