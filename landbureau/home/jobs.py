"""What the schedule of ``landbureau.jobs`` calls in this app."""

from django.utils import timezone

from landbureau.home.backup import BackupError
from landbureau.home.backup import nightly_backup as make_nightly_backup
from landbureau.jobs.progress import Progress
from landbureau.jobs.services import JobError


def nightly_backup(run: Progress) -> None:
    """Back up database and files, then remove what rotation does not keep.

    Raises ``JobError`` with the reason that the backup gives.
    """
    run.progress(0, 1)
    try:
        kept, removed = make_nightly_backup(now=timezone.now(), actor=run.actor)
    except BackupError as error:
        raise JobError(str(error)) from error
    run.counts = {
        "rows": sum(kept.manifest.rows.values()),
        "files": len(kept.manifest.media),
        "megabytes": round(kept.manifest.size / 1e6, 1),
        "removed": len(removed),
    }
    run.progress(1, 1)
    run.note(f"已备份到 {kept.path.name}，删除旧备份 {len(removed)} 份")
