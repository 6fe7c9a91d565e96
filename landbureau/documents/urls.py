from django.urls import path

from landbureau.documents.views import printing

app_name = "documents"
urlpatterns = [
    path("batches/", printing.batches, name="batches"),
    path("batches/new/", printing.new_batch, name="new_batch"),
    path("batches/<int:pk>/", printing.batch, name="batch"),
    path("batches/<int:pk>/progress/", printing.batch_progress, name="batch_progress"),
    path("batches/<int:pk>/again/", printing.merge_again, name="merge_again"),
    path("batches/<int:pk>/pdf/", printing.batch_pdf, name="batch_pdf"),
]
