"""Backup and restore: database and files together, in a folder that proves that it is whole."""

from landbureau.home.backup.errors import BackupError
from landbureau.home.backup.manifest import Manifest
from landbureau.home.backup.rotation import backups_to_keep
from landbureau.home.backup.services import latest_backup, make_backup, nightly_backup, restore_backup

__all__ = [
    "BackupError",
    "Manifest",
    "backups_to_keep",
    "latest_backup",
    "make_backup",
    "nightly_backup",
    "restore_backup",
]
