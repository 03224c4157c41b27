"""Writes the report as one HTML file: no script, no request, readable on paper, on a phone, in light and in dark.

Every value is a stranger's text: it is escaped, and what is not printable is shown as a replacement character.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..access.trust import EXAMPLE_SYSTEM_DOMAIN_ID
from ..access.uses import BEYOND_NEED
from ..judge.text import shown
from .matrix import CALLERS, Answer, Cell, Matrix, json_text, matrix
from .model import Policy, Report, Storage, readable
from .picture import picture
from .style import STYLE

__all__ = ["is_good", "judged", "page", "verdict"]


def judged(report: Report) -> list[Matrix]:
    """Return who may what, for each storage: asked once for the page, its verdict and the exit code."""
    return [matrix(storage, report) for storage in report.storages]


def page(report: Report, matrices: Sequence[Matrix] | None = None) -> str:
    """Return the report as HTML; the same report gives the same bytes. `matrices` are `judged(report)`."""
    matrices = judged(report) if matrices is None else matrices
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    body = "\n".join(_body(report, matrices))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>What iconik may do in our account</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def verdict(report: Report, matrices: Sequence[Matrix] | None = None) -> str:
    """Return the answer in one sentence."""
    found = judged(report) if matrices is None else matrices
    if report.against:
        said = f"Whatever the policies say: {'; '.join(report.against)}."
    elif found or report.refused:
        said = _of_policies(report, found)
    else:
        said = "Nothing here names iconik." if report.open_to_all else "Nothing here lets iconik in."
    if not report.open_to_all:
        return said
    return f"{said} Open, or may be, to everyone and so to iconik's other customers: {', '.join(report.open_to_all)}."


def _of_policies(report: Report, found: Sequence[Matrix]) -> str:
    if any(one.outsiders for one in found):
        names = sorted({caller for one in found for caller, _, _ in one.outsiders})
        return f"Somebody else gets in, or may: {', '.join(names)}."
    if report.refused:
        return f"The guardrail refuses what the templates say: {'; '.join(report.refused)}."
    if not all(one.gets_in for one in found):
        closed = [shown(s.name) for s, one in zip(report.storages, found, strict=True) if not one.gets_in]
        return f"Nobody else gets in, and iconik does not get into {', '.join(closed)} either."
    if any(one.unsure for one in found):
        return "Nobody else gets in; for iconik something decides that is not known here."
    if not _is_whole(report):
        return "iconik gets in for your domain; the statements read let in nobody else, and others were not read."
    return "iconik gets in for your domain; nobody else of iconik and no stranger does."


def is_good(report: Report, matrices: Sequence[Matrix] | None = None) -> bool:
    """Whether iconik gets in everywhere, as far as the policies were read, and nobody else."""
    found = judged(report) if matrices is None else matrices
    return (
        bool(found)
        and not report.against
        and not report.refused
        and all(one.gets_in and not one.outsiders and not one.unsure for one in found)
    )


def _is_whole(report: Report) -> bool:
    return all(
        policy.is_whole for one in report.storages for policy in (one.bucket, one.key) if policy is not None
    ) and not any(one.key_is_unread for one in report.storages)


def _body(report: Report, matrices: Sequence[Matrix]) -> Iterator[str]:
    tone = "good" if is_good(report, matrices) else "bad"
    yield "<header><h1>What iconik may do in our account</h1>"
    yield f"<p class='verdict {tone}'>{_e(verdict(report, matrices))}</p>"
    yield _facts(_head(report))
    yield "</header>"
    yield picture(
        report, is_kept_out=bool(matrices) and not report.against and not any(one.outsiders for one in matrices)
    )
    for storage, one in zip(report.storages, matrices, strict=True):
        yield from _storage(storage, one, report)
    yield from _functions(report)
    yield from _accepted(report)
    yield from _not_judged(report)
    yield from _again(report)


def _head(report: Report) -> Iterator[tuple[str, str]]:
    accounts = sorted({shown(one.account) for one in report.storages})
    regions = sorted({one.region for one in report.storages if one.region})
    yield "Account", ", ".join(accounts) or "none"
    yield "Region", ", ".join(regions) or "not known"
    yield "Date", report.date
    yield "Let in", f"{report.role_arn}, with the tag IconikSystemDomainId of {', '.join(report.system_domain_ids)}"
    yield "How obtained", report.obtained
    yield "Made by", ", ".join(f"{name} {version}" for name, version in report.versions)
    yield "SHA-256 of all policies", report.policies_sha256
    yield "SHA-256 of all signed", report.sha256


def _storage(storage: Storage, found: Matrix, report: Report) -> Iterator[str]:
    yield f"<section class='storage'><h2>{_e(storage.name)}</h2>"
    yield _table(found)
    if found.beyond_need:
        yield f"<p class='bad'>Beyond what any storage of iconik's needs: {_e(', '.join(found.beyond_need))}.</p>"
    reasons = dict.fromkeys(why for _, cells in found.rows for cell in cells for why in cell.why)
    if reasons:
        yield "<p>What decides, and is not known here:</p><ul>"
        yield from (f"<li>{_e(one)}</li>" for one in reasons)
        yield "</ul>"
    if storage.settings:
        yield _facts(storage.settings)
    yield "<div class='policies'>"
    for title, policy in (("Bucket policy", storage.bucket), ("Key policy", storage.key)):
        if policy is not None:
            yield from _policy(title, policy, report)
    yield "</div></section>"


def _table(found: Matrix) -> str:
    head = "".join(f"<th scope='col'>{_e(name)}</th>" for name in CALLERS)
    rows = "".join(
        f"<tr><th scope='row'>{_e(use.label)}{' *' if use in BEYOND_NEED else ''}</th>"
        + "".join(_cell(name, cell) for name, cell in zip(CALLERS, cells, strict=True))
        + "</tr>"
        for use, cells in found.rows
        if cells[0].answer is not Answer.NONE
    )
    note = (
        ""
        if all(cell.certain or cell.answer is Answer.UNREAD for _, cells in found.rows for cell in cells)
        else (
            "<p class='small'>? Other statements of this policy were not read; one of them may deny or allow more.</p>"
        )
    )
    if any(cell.answer is Answer.PART for _, cells in found.rows for cell in cells):
        note += "<p class='small'>In part: below some prefixes, or some of the actions; the statements say which.</p>"
    return (
        f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"
        "<p class='small'>* No storage of iconik's needs it.</p>"
    )


def _cell(name: str, cell: Cell) -> str:
    kind = {Answer.YES: "yes", Answer.NO: "no"}.get(cell.answer, "part")
    text = cell.answer.value + ("" if cell.certain or cell.answer in {Answer.NONE, Answer.UNREAD} else " ?")
    return f"<td class='{kind}' data-caller='{_e(name)}'>{_e(text)}</td>"


def _policy(title: str, policy: Policy, report: Report) -> Iterator[str]:
    part = "" if policy.is_whole else ", the statements that this app adds"
    yield f"<h3>{title}{part}</h3><p class='small hash'>{_e(shown(policy.arn))}<br>SHA-256 {policy.sha256}</p>"
    for statement in policy.statements:
        ours = report.role_arn in json_text(statement.get("Principal"))
        text = _e(_lines(statement))
        if ours:
            tag = EXAMPLE_SYSTEM_DOMAIN_ID in json_text(statement.get("Condition"))
            warning = "<p class='bad'>The id of iconik's own example: somebody else's domain.</p>" if tag else ""
            yield f"<div class='ours'><p class='small'>iconik</p>{warning}<pre>{text}</pre></div>"
        else:
            name = statement.get("Sid") or "a statement without a Sid"
            yield f"<details><summary>not iconik's: {_e(shown(str(name)))}</summary><pre>{text}</pre></details>"


def _lines(statement: Mapping[str, Any]) -> str:
    """Return a statement as JSON, each of its elements on a line."""
    found = readable(statement)
    lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _functions(report: Report) -> Iterator[str]:
    yield "<section><h2>Code that runs in the account</h2>"
    if not report.functions:
        yield "<p>None that was read.</p></section>" if report.is_live else "<p>None.</p></section>"
        return
    for function in report.functions:
        yield f"<h3>{_e(function.name)}</h3>"
        facts = [("Runtime", function.runtime), ("Role", function.role)]
        if function.code:
            facts.append(("Code", function.code))
        if function.managed_policies:
            facts.append(("Managed policies", ", ".join(function.managed_policies)))
        yield _facts(facts)
        rows = "".join(
            f"<tr><td>{'<br>'.join(map(_e, right.actions))}</td><td>{'<br>'.join(map(_e, right.resources))}</td></tr>"
            for right in function.rights
        )
        yield f"<table class='rights'><thead><tr><th>may</th><th>on</th></tr></thead><tbody>{rows}</tbody></table>"
    yield "</section>"


def _accepted(report: Report) -> Iterator[str]:
    yield "<section><h2>Findings that were accepted</h2>"
    if not report.acknowledged:
        yield "<p>None.</p>"
    for one in report.acknowledged:
        said = f"at {_e(one.where)}: {_e(one.finding)} Reason given: {_e(one.reason)}"
        yield f"<p><strong>{_e(one.id)}</strong> {said}</p>"
    yield "</section>"


def _not_judged(report: Report) -> Iterator[str]:
    yield "<section><h2>What was not judged</h2><ul>"
    yield from (f"<li>{_e(what)}. {_e(how)}</li>" for what, how in report.not_judged)
    yield "</ul></section>"


def _again(report: Report) -> Iterator[str]:
    yield f"<section class='sign'><h2>The same file again</h2><pre>{_e(report.command)}</pre>"
    yield "<p>The files differ in their date only, unless what is signed has changed: then the hash below does.</p>"
    signed = "all templates and of" if report.templates_sha256 else "the policies and settings, as read, and of"
    yield f"<h2>Signature</h2><p>Valid until this hash changes, of {signed} all that this page says:</p>"
    yield f"<p class='hash'>{report.sha256}</p>"
    yield _facts([("Name", ""), ("Role", ""), ("Date", ""), ("Signature", "")])
    yield "</section>"


def _facts(rows: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>" for name, value in rows) + "</dl>"


def _e(value: Any) -> str:
    """Return a text that is text wherever it stands in the page."""
    text = str(readable(value) if isinstance(value, (str, Mapping)) else value)
    clean = "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)
    return html.escape(clean, quote=True)
