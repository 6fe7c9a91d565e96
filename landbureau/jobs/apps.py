from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "landbureau.jobs"
    verbose_name = "后台任务"
