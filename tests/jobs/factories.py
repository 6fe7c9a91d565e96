from __future__ import annotations

import factory

from landbureau.jobs.models import JobRun


class JobRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = JobRun

    kind = "nightly_backup"
    trigger = JobRun.Trigger.BEAT
    slot = None
    args = factory.Sequence(lambda n: {"n": n})  # two open runs of one kind differ in their arguments
