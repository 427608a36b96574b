import { settings } from './settings.ts'

/** A variable that looks like one of ours and is none. */
interface UnknownSetting {
  readonly name: string
  /** The one that was probably meant. */
  readonly meant: string | undefined
}

/** What Kubernetes tells of a service called postern. */
const ofServices = /_SERVICE_(?:HOST|PORT)|_PORT_\d+_(?:TCP|UDP)/
const ofServiceAddress = /^(?:tcp|udp|sctp):\/\//

/**
 * Variables that Postern would read if they were spelled otherwise: a slip of the pen is otherwise as good as nothing
 * said, and the default is in force without a word.
 */
export function unknownSettings(
  environment: Readonly<Record<string, string | undefined>>,
): readonly UnknownSetting[] {
  const known = Object.values(settings).map(({ name }) => name)
  return Object.entries(environment)
    .filter(([name]) => /^(?:POSTERN_|GOOGLE_CLIENT)/.test(name) && !known.includes(name))
    .filter(([name, value = '']) => !ofServices.test(name) && !ofServiceAddress.test(value))
    .map(([name]) => ({ name, meant: nearest(name, known) }))
}

export function tellOfUnknown({ name, meant }: UnknownSetting): string {
  return `${name} is no variable of Postern's${meant === undefined ? '. .env.example explains all there are' : `: is ${meant} meant?`}`
}

/** Undefined when nothing is near enough to be a slip of the pen. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((one) => ({ one, distance: distance(name, one) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= 3 ? best.one : undefined
}

/** How many letters must be put in, taken out or replaced (Levenshtein, 1965). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let at = 0; at < from.length; at++) {
    const next = [at + 1]
    for (let index = 0; index < to.length; index++)
      next.push(
        Math.min(
          (row[index] as number) + (from[at] === to[index] ? 0 : 1),
          (row[index + 1] as number) + 1,
          (next[index] as number) + 1,
        ),
      )
    row = next
  }
  return row[to.length] as number
}
