"""Every model of the project is recorded when it is edited, or says here why not."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey

# Models without a row per edit, and why that loses nothing.
EXEMPT = {
    "audit.Entry": "the record itself",
    "web.SavedView": "a person's own settings of a list",
    "accounts.Session": "sign-in and sign-out are rows of their own",
    "jobs.JobRun": "append-only; who started it stands in the run, its end is a fact of its own",
    "documents.Step": "append-only; the record of the documents' steps itself",
    "documents.NumberCounter": "follows from the issued documents, each of which is recorded",
    "documents.PrintBatch": "a bulk act with one row of its own",
    "documents.PrintItem": "a bulk act with one row of its own",
    "documents.Lookup": "append-only; who asked the public page, a few a document",
    "imports.ImportSession": "a file on its way; that it was imported is a row of its own",
    "supply.Event": "append-only; the record of what happened itself, with who entered and corrected it",
    "supply.Visit": "part of an event, appended with it",
    "supply.Photo": "appended with an event; the file's hash is kept",
    "supply.Correction": "append-only; old and new values with the reason",
    "supply.Milestone": "follows from events, each of which is kept",
    "supply.Share": "follows from events, each of which is kept",
    "supply.Notice": "written by the sweep, a bulk act with one row of its own",
    "supply.Sweep": "append-only; the audit record has one row a run",
    "supply.TwoLandUsers": "append-only; who said it stands in the row",
    "supply.CheckList": "append-only; who drew it stands in the row",
    "supply.CheckListEntry": "drawn with its list",
    "jobs.Heartbeat": "signs of life, a few a minute",
}
OURS = ("landbureau.", "publicservice", "duties", "supervision.", "enforcement.")


def test_every_model_is_recorded_or_exempt() -> None:
    ours = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith(OURS) and not model._meta.proxy
    }
    recorded = {model._meta.label for model in auditlog.get_models()}
    assert ours - recorded - set(EXEMPT) == set(), "register it in the app's ready(), or say here why not"


def test_no_exemption_outlives_its_model() -> None:
    known = {model._meta.label for model in apps.get_models()}
    recorded = {model._meta.label for model in auditlog.get_models()}
    assert set(EXEMPT) <= known
    assert not set(EXEMPT) & recorded


def test_names_and_fields_of_recorded_models_are_chinese() -> None:
    """They are what the page shows."""
    for model in auditlog.get_models():
        generic = [f for f in model._meta.private_fields if isinstance(f, GenericForeignKey)]
        unseen = {name for f in generic for name in (f.ct_field, f.fk_field)}  # the object is shown instead
        names = [model._meta.verbose_name] + [
            field.verbose_name
            for field in model._meta.concrete_fields
            if not field.primary_key and field.name not in unseen
        ]
        plain = [str(name) for name in names if str(name).isascii()]
        assert not plain, f"{model._meta.label}: {plain}"
