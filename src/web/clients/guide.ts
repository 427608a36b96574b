import type { MailServer } from '../house.ts'
import type { Place } from './place.ts'

/** How one mail program is set up with this installation; plain words, so that pages and the command line can say them. */
export interface Guide {
  /** In addresses: `/clients/thunderbird`. */
  readonly name: string
  readonly title: string
  /** Where it runs. */
  readonly runsOn: string
  /** Without it the program is of no use. */
  readonly needs?: MailServer['protocol']
  /** What to say before anything else, when it will not work here or not well. */
  caution?(place: Place): string | undefined
  /** One step after the other. */
  steps(place: Place): readonly string[]
  /** Ready-made files: where they are below `/clients/NAME/`. */
  readonly files?: readonly { readonly path: string; readonly label: string }[]
  /** For a phone's camera; never with a password in it, since phones keep what they have read. */
  codes?(place: Place): readonly Code[]
  /** Text to copy into a file of the program or a terminal. */
  snippets?(place: Place): readonly Snippet[]
  /** What goes wrong, and what to do. */
  readonly troubles: readonly (readonly [symptom: string, remedy: string])[]
}

interface Code {
  readonly title: string
  /** What to do with it. */
  readonly words: string
  /** What the code says. */
  readonly text: string
}

export interface Snippet {
  /** Where it belongs. */
  readonly file: string
  readonly text: string
}
