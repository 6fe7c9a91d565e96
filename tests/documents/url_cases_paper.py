from __future__ import annotations

from landbureau.documents.models import PrintBatch
from landbureau.documents.services.printing import create_batch
from landbureau.jobs.services import execute
from tests.documents.factories import make_issued
from tests.documents.paper import make_frozen
from tests.urlwalk import UrlCase, World


def batch(world: World) -> tuple[int]:
    document = make_frozen(section=world.section, drafted_by=world.right, addressee="河北待印仓储有限公司")
    made: PrintBatch = create_batch(actor=world.right, documents=[document], with_receipts=True, duplex=False)
    return (made.pk,)


def made_batch(world: World) -> tuple[int]:
    (pk,) = batch(world)
    run = PrintBatch.objects.get(pk=pk).run_id
    assert run
    execute(run)
    return (pk,)


def code(world: World) -> tuple[str]:
    return (make_issued(section=world.section).code,)


CASES = [
    UrlCase("documents:batches", "serve_notice", other_status=200),
    UrlCase("documents:new_batch", "serve_document", other_status=200),
    UrlCase("documents:batch", args=made_batch),
    UrlCase("documents:batch_progress", args=batch),
    UrlCase("documents:batch_pdf", args=made_batch, is_file=True),
    UrlCase("documents:merge_again", args=batch, method="post", right_status=302),
    UrlCase("verify:verify", public=True),
    UrlCase("verify:code", public=True, args=code),
]
