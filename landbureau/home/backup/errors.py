class BackupError(Exception):
    """Why a backup was not made or not restored; the message is for the user (Chinese)."""
