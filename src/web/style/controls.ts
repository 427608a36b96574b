/** What people press and fill in. */
export const controls = `
button,a.download{font:inherit;font-weight:600;border:1px solid var(--accent);border-radius:.5rem;padding:.5rem 1.1rem;min-height:2.75rem;background:var(--accent);color:var(--on-accent);cursor:pointer}
button.second,a.download{background:transparent;color:var(--accent)}
button.danger{background:transparent;color:var(--bad);border-color:var(--bad)}
button:hover,a.download:hover{filter:brightness(1.08)}button.second:hover,button.danger:hover,a.download:hover{background:var(--tint)}
a.download{display:inline-flex;align-items:center;text-decoration:none;margin:0 .5rem .5rem 0}
a.download.main{background:var(--accent);color:var(--on-accent)}a.download.main:hover{background:var(--accent)}
form.out{margin-left:auto}form.out button{min-height:2.25rem;padding:.2rem .8rem}
fieldset{border:1px solid var(--line);border-radius:.5rem;margin:0 0 1rem;padding:.35rem .9rem .6rem;min-width:0}legend{padding:0 .3rem;font-weight:600}
label{display:block;margin:.3rem 0}label.field{font-weight:600;margin:.9rem 0 .1rem}
.hint{color:var(--quiet);font-size:.9rem;margin:0 0 .25rem}
input[type=text],input[type=password],input[type=url],input[type=date],select,textarea{display:block;width:100%;max-width:30rem;font:inherit;color:inherit;background:var(--field);border:1px solid var(--edge);border-radius:.5rem;padding:.5rem .7rem;margin:.15rem 0 .75rem;min-height:2.75rem}
textarea{min-height:4.5rem;resize:vertical}
[aria-invalid=true]{border-color:var(--bad)!important;border-width:2px!important}
.problem{color:var(--bad);font-weight:600;margin:.1rem 0 .25rem}
.choice{display:grid;grid-template-columns:1.15rem 1fr;gap:0 .7rem;align-items:start;padding:.4rem 0;margin:0}
.choice input{grid-row:span 2;width:1.15rem;height:1.15rem;margin:.22rem 0 0;accent-color:var(--accent)}
.choice .quiet{grid-column:2;font-size:.9rem}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}
summary{cursor:pointer;font-weight:600;padding:.4rem 0}details{margin:.5rem 0 .75rem}details[open]>summary{margin-bottom:.25rem}
input[type=file]{max-width:100%;font:inherit;margin:.25rem 0}textarea.over{outline:3px dashed var(--accent)}
button.copy{display:block;margin:.4rem 0 .9rem;padding:.25rem .9rem;min-height:2.25rem}
@media (prefers-reduced-motion:no-preference){button,a.download{transition:background-color .15s,filter .15s}}
`
