import type { Guide } from './guide.ts'
import { suits, withheldWords } from './place.ts'
import type { Place } from './place.ts'

/** A guide for a terminal. */
export function guideText(guide: Guide, place: Place): string {
  const cautions = [guide.caution?.(place), withheldWords(place.withheld)].filter((one) => one !== undefined)
  return [
    `${guide.title} (${guide.runsOn})`,
    ...cautions.flatMap((caution) => ['', `Mind: ${caution}`]),
    '',
    ...place.servers.map(
      ({ protocol, host, port, security }) => `  ${protocol.padEnd(4)}  ${host}  port ${port}  ${security}`,
    ),
    `  user  ${place.address}`,
    '',
    ...(suits(guide, place.withheld) ? howTo(guide, place) : []),
  ].join('\n')
}

function howTo(guide: Guide, place: Place): string[] {
  return [
    ...guide.steps(place).map((step, index) => `${index + 1}. ${step}`),
    ...(guide.files ?? []).flatMap(({ path, label }) => [
      '',
      `${label}:`,
      `  ${place.url}clients/${guide.name}/${path}?${new URLSearchParams({ account: place.address }).toString()}`,
    ]),
    ...(guide.snippets?.(place) ?? []).flatMap(({ file, text }) => ['', `--- ${file}`, text.trimEnd()]),
    '',
    'When something goes wrong:',
    ...guide.troubles.flatMap(([symptom, remedy]) => [`- ${symptom}`, `  ${remedy}`]),
    '',
  ]
}
