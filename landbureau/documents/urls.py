from django.urls import path

from landbureau.documents.views import acts, desk, drafting, kinds, printing, service, word

app_name = "documents"
urlpatterns = [
    path("", desk.DocumentList.as_view(), name="documents"),
    path("numbers/", desk.NumberList.as_view(), name="numbers"),
    path("seals/", desk.SealList.as_view(), name="seals"),
    path("new/", drafting.new, name="new"),
    path("new/<slug:code>/", drafting.draft, name="draft"),
    path("<int:pk>/", desk.document, name="document"),
    path("<int:pk>/edit/", drafting.edit, name="edit"),
    path("<int:pk>/redraft/", acts.redraft, name="redraft"),
    path("<int:pk>/act/<slug:name>/", acts.act, name="act"),
    path("<int:pk>/pages/", desk.pages, name="pages"),
    path("<int:pk>/pages/<int:number>.png", desk.page, name="page"),
    path("<int:pk>/pdf/", desk.pdf, name="pdf"),
    path("<int:pk>/docx/", word.docx, name="docx"),
    path("<int:pk>/serve/", service.serve, name="serve"),
    path("<int:pk>/serve/correct/", service.correct_service, name="correct_service"),
    path("<int:pk>/proofs/new/", service.add_proof, name="add_proof"),
    path("<int:pk>/proofs/<int:proof_pk>/", service.proof, name="proof"),
    path("<int:pk>/proofs/<int:proof_pk>/small/", service.proof_thumbnail, name="proof_thumbnail"),
    path("attachments/<int:pk>/", desk.attachment, name="attachment"),
    path("kinds/", kinds.kinds, name="kinds"),
    path("kinds/<slug:code>/", kinds.kind, name="kind"),
    path("kinds/<slug:code>/wordings/<int:number>/", kinds.wording, name="wording"),
    path("kinds/<slug:code>/edit/", kinds.edit_wording, name="edit_wording"),
    path("batches/", printing.batches, name="batches"),
    path("batches/new/", printing.new_batch, name="new_batch"),
    path("batches/<int:pk>/", printing.batch, name="batch"),
    path("batches/<int:pk>/progress/", printing.batch_progress, name="batch_progress"),
    path("batches/<int:pk>/again/", printing.merge_again, name="merge_again"),
    path("batches/<int:pk>/pdf/", printing.batch_pdf, name="batch_pdf"),
]
