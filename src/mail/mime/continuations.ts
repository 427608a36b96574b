import type { Parameter } from './parameters.ts'

/** `filename*0*`: name, place, and the asterisk of an extended value. RFC 2231 sections 3 and 4.1. */
const continued = /^([^*]+)\*(0|[1-9]\d{0,2})(\*?)$/

interface Segment {
  readonly value: string
  readonly extended: boolean
}

interface Continued {
  readonly name: string
  /** By place. */
  readonly segments: Map<number, Segment>
}

/**
 * Parameters as BODYSTRUCTURE shows them: "servers SHOULD decode parameter value continuations when generating the BODY
 * and BODYSTRUCTURE fetch attributes" (RFC 2231 section 6). Charset and percent signs stay: `filename*0*` and
 * `filename*1` become one `filename*`, where the first of them stands. Segments after a gap are left out.
 */
export function joinContinuations(parameters: readonly Parameter[]): readonly Parameter[] {
  if (!parameters.some(([name]) => continued.test(name))) return parameters
  const shown: (Parameter | Continued)[] = []
  const byName = new Map<string, Continued>()
  for (const parameter of parameters) {
    const [, name, place, asterisk] = continued.exec(parameter[0]) ?? []
    if (name === undefined) {
      shown.push(parameter)
      continue
    }
    let whole = byName.get(name.toLowerCase())
    if (whole === undefined) {
      whole = { name, segments: new Map() }
      byName.set(name.toLowerCase(), whole)
      shown.push(whole)
    }
    if (!whole.segments.has(Number(place)))
      whole.segments.set(Number(place), { value: parameter[1], extended: asterisk === '*' })
  }
  return shown.flatMap((one) => ('segments' in one ? join(one) : [one]))
}

function join({ name, segments }: Continued): Parameter[] {
  const run: Segment[] = []
  for (let next = segments.get(0); next !== undefined; next = segments.get(run.length)) run.push(next)
  if (run.length === 0) return []
  const extended = run.some((segment) => segment.extended)
  if (!extended) return [[name, run.map(({ value }) => value).join('')]]
  // Plain segments must not be read as percent-encoded; a value that begins plain has no charset yet.
  const text = run
    .map((segment) => (segment.extended ? segment.value : percentEncode(segment.value)))
    .join('')
  return [[`${name}*`, run[0]?.extended === true ? text : `''${text}`]]
}

/** RFC 2231 section 7: attribute-char stays. */
function percentEncode(text: string): string {
  return text.replaceAll(
    /[^\w!#$&+\-.^`{|}~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
