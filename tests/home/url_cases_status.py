from __future__ import annotations

from tests.urlwalk import UrlCase

CASES = [
    UrlCase("home:status", permission="view_jobs", bureau_wide=True, shows=lambda world: "后台处理"),
    UrlCase("home:status_parts", permission="view_jobs", bureau_wide=True, shows=lambda world: "后台处理"),
]
