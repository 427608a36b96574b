import { styleText } from 'node:util'
import { Conversation } from './conversation.ts'
import { openDovecotStage } from './dovecot-stage.ts'
import { transcripts } from './library.ts'
import { play } from './play.ts'
import { openPosternStage } from './postern-stage.ts'

/** `npm run transcript -- [--dovecot] NAME…` plays transcripts one after the other and shows everything that is said. */
const args = process.argv.slice(2)
const onDovecot = args.includes('--dovecot')
const chosen = transcripts(args.filter((arg) => !arg.startsWith('--'))).filter(
  ({ dovecot }) => !onDovecot || dovecot === true,
)
const stage = onDovecot ? await openDovecotStage() : await openPosternStage(chosen)
let failed = 0
try {
  for (const transcript of chosen) {
    console.log(styleText('bold', `\n${transcript.file} (RFC ${transcript.rfc})`))
    const conversation = new Conversation((line) => console.log(line))
    try {
      await play(transcript, await stage.scene(transcript), conversation)
      console.log(styleText('green', 'as written'))
    } catch (error) {
      failed++
      console.log(styleText('red', (error as Error).message.split('\n\n')[0] ?? ''))
    }
  }
  if (failed > 0) console.log(stage.log())
} finally {
  await stage.close()
}
console.log(`\n${chosen.length - failed} of ${chosen.length} as written`)
if (failed > 0) process.exitCode = 1
