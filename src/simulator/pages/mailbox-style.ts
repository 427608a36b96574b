export const mailboxStyle = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f6f5, #141817);
  --card: light-dark(#ffffff, #1d2321);
  --ink: light-dark(#1a211f, #e4eae7);
  --faint: light-dark(#55625d, #9fada7);
  --line: light-dark(#d7dfdb, #36403c);
  --accent: light-dark(#0b6b53, #6fd3b3);
  --on-accent: light-dark(#ffffff, #08271e);
  --tint: light-dark(#dcefe8, #22382f);
  --star: light-dark(#8a6100, #f2c14e);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, sans-serif }
a { color: var(--accent) }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin: 0 0 .5rem }
ul { list-style: none; margin: 0; padding: 0 }
button, input, textarea { font: inherit; color: inherit }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px }
.faint, dt { color: var(--faint) }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1 }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem; padding: .75rem 1rem;
  border-bottom: 1px solid var(--line) }
.title { margin: 0 }
.title span, .live { color: var(--faint); font-size: .9rem }
.live { margin: 0 0 0 auto; min-height: 1.3em }
.accounts { display: flex; flex-wrap: wrap; gap: .25rem }
.accounts a { display: inline-block; padding: .3rem .8rem; border-radius: 2rem; text-decoration: none; border: 1px solid var(--line) }
.accounts a[aria-current] { background: var(--accent); color: var(--on-accent); border-color: var(--accent) }
.columns { display: grid; grid-template-columns: 13rem minmax(0, 1fr) 18rem; gap: 1rem; padding: 1rem; align-items: start }
#labels h2 { margin: 1rem 0 .25rem; padding: 0 .75rem; font-size: .85rem; color: var(--faint) }
#labels a { display: flex; justify-content: space-between; gap: .5rem; padding: .35rem .75rem; border-radius: .5rem;
  text-decoration: none; color: inherit; overflow-wrap: anywhere }
#labels a:hover { background: var(--card) }
#labels a[aria-current] { background: var(--tint); font-weight: 600 }
.counts { color: var(--faint); font-weight: 400; white-space: nowrap; font-variant-numeric: tabular-nums }
.counts b { color: var(--ink) }
main, .card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem }
main:focus { outline: none }
main > p { margin: .25rem 0 .75rem }
.alone { max-width: 34rem; margin: 3rem auto }
.notice { background: var(--tint); border-radius: .5rem; padding: .5rem .75rem }
.card + .card, #status { margin-top: 1rem }
.card p { margin: 0 0 .75rem; font-size: .9rem }
.messages > li { display: flex; align-items: center; border-top: 1px solid var(--line) }
.messages a { flex: 1; min-width: 0; display: grid; grid-template-columns: 10rem minmax(0, 1fr) auto; gap: 0 1rem;
  padding: .5rem .25rem; text-decoration: none; color: inherit }
.messages > li:hover { background: var(--ground) }
.who, .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.unread .who, .unread .subject, .unread time { font-weight: 700 }
.messages time { color: var(--faint); font-size: .875rem; white-space: nowrap }
.unread time { color: var(--ink) }
.star, .dot { background: none; border: 0; padding: 0; width: 2rem; height: 2.25rem; cursor: pointer; color: var(--faint); border-radius: .25rem }
.star { font-size: 1.15rem }
.star.on { color: var(--star) }
.unread .dot { color: var(--accent) }
.arrived { animation: arrive 3s ease-out }
@keyframes arrive { from { background: var(--tint) } }
@media (prefers-reduced-motion: reduce) { .arrived { animation: none } }
.pager, .actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 1rem 0 }
.button { display: inline-block; padding: .35rem .9rem; border: 1px solid var(--line); border-radius: 2rem; background: none;
  color: var(--accent); text-decoration: none; cursor: pointer; font-size: .95rem }
.primary { background: var(--accent); color: var(--on-accent); border: 0; border-radius: 2rem; padding: .5rem 1.4rem;
  font-weight: 600; cursor: pointer; justify-self: start }
.chips { display: flex; flex-wrap: wrap; gap: .35rem; margin: .5rem 0 }
.chip { background: var(--tint); border-radius: 1rem; padding: .05rem .65rem; font-size: .85rem }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .75rem 0; font-size: .95rem }
dd { margin: 0; overflow-wrap: anywhere }
.text { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 1rem 0; padding-top: 1rem; border-top: 1px solid var(--line) }
.attachments li { padding: .25rem 0; overflow-wrap: anywhere }
.test { display: grid; gap: .6rem }
.test label { display: grid; gap: .15rem; font-size: .9rem; color: var(--faint) }
.test input, .test textarea { color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: .4rem;
  padding: .4rem .6rem; width: 100% }
meter { width: 100%; height: .8rem }
table { width: 100%; border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 400; overflow-wrap: anywhere }
thead th { color: var(--faint) }
td, thead th:not(:first-child) { text-align: right; padding-left: .5rem }
@media (max-width: 70rem) {
  .columns { grid-template-columns: 12rem minmax(0, 1fr) }
  aside { grid-column: 1 / -1; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)) }
  #status { margin: 0 }
}
@media (max-width: 44rem) {
  .columns { grid-template-columns: minmax(0, 1fr); padding: .75rem }
  #labels ul { display: flex; flex-wrap: wrap; gap: .25rem }
  #labels a { border: 1px solid var(--line) }
  main { padding: .75rem }
  .messages a { grid-template-columns: minmax(0, 1fr) auto }
  .what { grid-row: 2; grid-column: 1 / -1; white-space: normal; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2 }
  .star, .dot { width: 2.5rem; height: 2.75rem }
  .live { margin-left: 0 }
}
`
