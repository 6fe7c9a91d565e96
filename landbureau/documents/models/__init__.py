"""Official documents: what kinds there are, the documents, how they were served, what is printed."""

from landbureau.documents.models.documents import Attachment, Document, SealRecord, Step
from landbureau.documents.models.kinds import Kind, KindField, Series, ServiceMethod, Wording
from landbureau.documents.models.printing import Lookup, NumberCounter, PrintBatch, PrintItem
from landbureau.documents.models.service import Proof, ServiceRecord

__all__ = [
    "Attachment",
    "Document",
    "Kind",
    "KindField",
    "Lookup",
    "NumberCounter",
    "PrintBatch",
    "PrintItem",
    "Proof",
    "SealRecord",
    "Series",
    "ServiceMethod",
    "ServiceRecord",
    "Step",
    "Wording",
]
