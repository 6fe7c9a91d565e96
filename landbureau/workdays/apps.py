from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "landbureau.workdays"
    verbose_name = "工作日历"
