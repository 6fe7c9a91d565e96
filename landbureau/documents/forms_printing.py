"""What is asked before documents are merged for the printer."""

from __future__ import annotations

from django import forms

from landbureau.web.forms import DeskForm


class BatchForm(DeskForm):
    with_receipts = forms.BooleanField(
        label="附送达回证", required=False, initial=True, help_text="回证排在各自的文书之后"
    )
    duplex = forms.BooleanField(
        label="双面打印",
        required=False,
        help_text="每份文书和每份回证从新的一张纸开始，需要时自动插入空白页",
    )
