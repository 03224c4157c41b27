"""The picture of the report: who comes as iconik's role, what the tag decides, and what lies behind it."""

from __future__ import annotations

import html

from .model import Report

__all__ = ["picture"]


def picture(report: Report, *, is_kept_out: bool) -> str:
    """Return an inline SVG.

    Args:
        report: what was found.
        is_kept_out: whether everybody else is; else the picture must not say so.
    """
    has_key = any(storage.key is not None for storage in report.storages)
    count = len(report.storages)
    buckets = f"{count} bucket{'' if count == 1 else 's'}"
    domain = html.escape(report.system_domain_ids[0][:8]) + "…"
    others = "is kept out" if is_kept_out else "gets in, or may: see the tables"
    what = f"iconik for your domain comes through its role and the tag; iconik for another domain {others}"
    key = (
        '<rect class="box" x="640" y="118" width="130" height="52" rx="6"/><text x="705" y="149" text-anchor="middle">'
    )
    return f"""<svg viewBox="0 0 790 200" role="img" aria-label="{what}">
<title>{what}</title>
<rect class="box" x="10" y="20" width="170" height="52" rx="6"/>
<text x="95" y="42" text-anchor="middle">iconik, your domain</text>
<text x="95" y="60" text-anchor="middle">tag {domain}</text>
<rect class="box" x="10" y="118" width="170" height="52" rx="6"/>
<text x="95" y="140" text-anchor="middle">iconik, another domain</text>
<text x="95" y="158" text-anchor="middle">another tag, or none</text>
<rect class="box" x="250" y="69" width="150" height="52" rx="6"/>
<text x="325" y="91" text-anchor="middle">one role for all</text>
<text x="325" y="109" text-anchor="middle">iconik customers</text>
<rect class="box" x="455" y="69" width="130" height="52" rx="6"/>
<text x="520" y="91" text-anchor="middle">is the tag</text>
<text x="520" y="109" text-anchor="middle">your domain?</text>
<rect class="box" x="640" y="20" width="130" height="52" rx="6"/>
<text x="705" y="51" text-anchor="middle">{buckets}</text>
{key + ("its key" if count == 1 else "their keys") + "</text>" if has_key else ""}
<path class="in" d="M180 46 L250 85 M400 95 L455 95 M585 88 L640 50"/>
{'<path class="in" d="M585 102 L640 140"/>' if has_key else ""}
<path class="out" d="M180 144 L250 105 M520 121 L520 165"/>
<text x="530" y="180">{"no: kept out" if is_kept_out else "no, and yet: see the tables"}</text>
</svg>"""
