"""The style of the report: on a screen in light and in dark, on a phone, on A4."""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root { color-scheme: light dark; --text: #1a1a1a; --paper: #ffffff; --line: #c8c8c8; --soft: #f2f4f7;
  --good: #0b6b3a; --bad: #a3190f; --part: #7a4d00; --ours: #e6f0fb; --faint: #555555; }
@media (prefers-color-scheme: dark) { :root { --text: #ededed; --paper: #16181c; --line: #4a4f57; --soft: #20242a;
  --good: #6fd3a0; --bad: #ff9b90; --part: #f0c36d; --ours: #16304d; --faint: #b0b5bd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
li { overflow-wrap: anywhere; }
.rights { table-layout: fixed; }
.verdict { font-size: 1.1rem; font-weight: 600; padding: .6rem .8rem; border-left: .4rem solid;
  background: var(--soft); }
.good { color: var(--good); }
.bad, .not_good { color: var(--bad); }
.unknown { color: var(--part); }
.findings { padding-left: 1.2rem; }
li.error strong { color: var(--bad); }
li a { color: inherit; }
.narrow { display: none; }
.small { font-size: .85rem; color: var(--faint); }
.hash { font-family: ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; gap: .15rem .8rem; margin: .6rem 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; border-bottom: 1px solid var(--line); min-height: 1.4em; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
thead th { background: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
td.yes { color: var(--good); font-weight: 700; }
td.part { color: var(--part); font-weight: 700; }
td.no { color: var(--faint); }
td.other.yes { color: var(--bad); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .5rem .7rem; margin: .3rem 0;
  font: 12.5px/1.4 ui-monospace, Consolas, monospace; }
.for-iconik { border-left: .3rem solid var(--good); padding-left: .6rem; margin: .5rem 0; }
.for-iconik pre { background: var(--ours); }
details { border-left: .3rem solid var(--line); padding-left: .6rem; margin: .5rem 0; }
svg { display: block; max-width: 100%; height: auto; margin: 1rem 0; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg .box { fill: var(--soft); stroke: var(--line); }
svg .in { stroke: var(--good); stroke-width: 2.5; fill: none; }
svg .out { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 6 5; fill: none; }
@media (max-width: 640px) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dt { margin-top: .4rem; }
  .wide { display: none; }
  .narrow { display: table-cell; }
  th, td { padding: .05rem .35rem; }
  h2 { margin: 1.2rem 0 .3rem; }
  svg { display: none; }
  .policies { max-height: 9rem; }
  .differs, .code { max-height: 16rem; }
  .policies, .differs, .code { overflow: auto; border: 1px solid var(--line); padding: 0 .5rem .5rem;
    background: linear-gradient(var(--paper) 30%, transparent) top / 100% 2rem no-repeat local,
      linear-gradient(transparent, var(--paper) 70%) bottom / 100% 2rem no-repeat local,
      linear-gradient(var(--line), transparent) top / 100% .7rem no-repeat scroll,
      linear-gradient(transparent, var(--line)) bottom / 100% .7rem no-repeat scroll; }
  .storage dl, .storage table { font-size: .85rem; }
  ul, .code { font-size: .85rem; }
  .differs { padding-left: 1.5rem; }
}
@page { size: A4; margin: 10mm; }
@media print {
  :root { --text: #000000; --paper: #ffffff; --line: #999999; --soft: #f4f4f4; --good: #00512a; --bad: #8a0f08;
    --part: #5c3a00; --ours: #eef4fb; --faint: #333333; }
  body { font-size: 8pt; line-height: 1.25; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 13pt; margin: 0; } h2 { font-size: 10pt; margin: .35rem 0 .1rem; }
  h3 { font-size: 9pt; margin: .3rem 0 .1rem; }
  pre { font-size: 6.4pt; line-height: 1.15; padding: .05rem .3rem; margin: .05rem 0; }
  th, td { padding: 0 .3rem; } table { margin: .15rem 0; }
  dl { margin: .2rem 0; gap: 0 .6rem; }
  svg { max-height: 22mm; margin: .2rem 0; }
  .storage table { font-size: 7pt; line-height: 1.15; }
  .verdict { font-size: 9.5pt; padding: .2rem .4rem; margin: .2rem 0; }
  p { margin: .1rem 0; } ul { margin: .1rem 0; }
  .small { font-size: 6.5pt; }
  dl { font-size: 7.5pt; line-height: 1.2; }
  .for-iconik > .small { display: none; }
  .for-iconik, details { margin: .1rem 0; break-inside: avoid; }
  summary { font-size: 6.6pt; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .storage dl { grid-template-columns: auto 1fr auto 1fr; }
  dd { border: 0; min-height: 0; }
  .sign dl { grid-template-columns: auto 1fr auto 1fr; line-height: 2.2; }
  .sign dd { border-bottom: 1px solid var(--line); }
  .policies { columns: 2; column-gap: 5mm; }
  .rights { font-size: 6.4pt; line-height: 1.1; }
  li { font-size: 6.6pt; line-height: 1.15; }
  ul { padding-left: 1rem; }
  .differs { columns: 2; column-gap: 5mm; }
  .findings li a { text-decoration: none; }
  tr, .sign { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""
