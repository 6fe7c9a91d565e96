"""The form of a wording."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from landbureau.documents.errors import DocumentError
from landbureau.documents.services.kinds import WordingConflict, WordingWrong
from landbureau.web.forms import DeskForm


class WordingForm(DeskForm):
    """``seen``: number of the version that the text was opened with. A preview needs no reason."""

    text = forms.CharField(
        label="用语",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        help_text="一行一段，标题层次用 一、（一）1.（1）。要填写的内容写作 {名称}；"
        "[[ ]] 之间的文字，其中有一项没有填写时整体略去。",
    )
    reason = forms.CharField(label="修改理由", max_length=120, help_text="保存时必填，留在版本记录中。")
    sparse = forms.BooleanField(label="预览时不填选填的内容", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32_767)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_preview = self.is_bound and self.data.get("act") == "preview"
        self.fields["reason"].required = not self.is_preview

    def arguments(self) -> dict[str, Any]:
        """What ``save_wording`` takes."""
        return {name: self.cleaned_data[name] for name in ("text", "reason", "seen")}

    def report(self, error: DocumentError) -> None:
        """Say what the service refused where it belongs. After a conflict the next attempt is a decision
        made in the knowledge of the other's version."""
        if isinstance(error, WordingConflict):
            typed = QueryDict(mutable=True)
            typed.update(self.data)
            typed["seen"] = str(error.current.number)
            self.data = typed
        messages = error.errors if isinstance(error, WordingWrong) else [error.message]
        for message in messages:
            self.add_error(error.field if error.field in self.fields else None, message)
