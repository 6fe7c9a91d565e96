"""The folder that is the broker of an installation without Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from landbureau.jobs.broker import Channel

QUEUE = "celery"


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    options = {
        "data_folder_in": str(tmp_path / "broker"),
        "data_folder_out": str(tmp_path / "broker"),
        "control_folder": str(tmp_path / "control"),
    }
    transport = "landbureau.jobs.broker:Transport"
    with Connection("filesystem://", transport=transport, transport_options=options) as connection:
        yield connection.channel()


def test_messages_go_through_the_folder_in_their_order(channel: Channel, tmp_path: Path) -> None:
    channel._put(QUEUE, {"run": 1})
    channel._put(QUEUE, {"run": 2})
    assert len(list((tmp_path / "broker").glob("*.celery.msg"))) == 2
    assert [channel._get(QUEUE), channel._get(QUEUE)] == [{"run": 1}, {"run": 2}]
    assert list((tmp_path / "broker").iterdir()) == []


def test_half_written_message_is_not_read(
    channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "rename", lambda self, target: None)  # the writer has come so far
    channel._put(QUEUE, {"run": 1})
    assert [path.suffix for path in (tmp_path / "broker").iterdir()] == [".part"]
    with pytest.raises(Empty):
        channel._get(QUEUE)


def test_damaged_message_does_not_end_the_worker(
    channel: Channel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broker" / "0_a.celery.msg").touch()
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert "damaged message" in caplog.text
    channel._put(QUEUE, {"run": 1})
    assert channel._get(QUEUE) == {"run": 1}


def test_folder_that_was_removed_is_made_again(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "broker").rmdir()
    with pytest.raises(Empty):
        channel._get(QUEUE)
    channel._put(QUEUE, {"run": 1})
    assert channel._get(QUEUE) == {"run": 1}


def test_damaged_table_of_queues_is_made_again(channel: Channel, tmp_path: Path) -> None:
    channel._queue_bind(QUEUE, QUEUE, "", QUEUE)
    (table,) = (tmp_path / "control").iterdir()
    table.write_text("")
    assert channel.get_table(QUEUE) == []
    channel._queue_bind(QUEUE, QUEUE, "", QUEUE)
    assert channel.get_table(QUEUE) == [(QUEUE, "", QUEUE)]


def test_folder_that_cannot_be_written_is_an_error_of_the_channel(channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "broker").rmdir()
    (tmp_path / "broker").touch()
    with pytest.raises(ChannelError, match="cannot write a message"):
        channel._put(QUEUE, {"run": 1})
